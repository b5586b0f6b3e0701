import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlan } from "../../../src/policy/plan.ts";
import { anyFields, anyUse, dataFor } from "../arbitrary.ts";
import { bundle, contract, input, keys } from "../sample.ts";
import { anyConditions, anyRoot } from "./arbitrary.ts";
import { expectSame, kernel, NEIGHBOURS, planOf } from "./differential.ts";
import { anyWound, documentFor } from "./documents.ts";

const LIMITS = { bytesMax: 65_536, depthMax: 6, arrayLengthMax: 4 };
const anyNeighbour = fc.constantFrom(...NEIGHBOURS);

/** A plan of any kind, with documents for it. */
const anyPlan = fc
  .tuple(anyRoot, anyConditions)
  .map(([root, conditions]) => planOf(root, { conditions, limits: LIMITS }))
  .chain((plan) =>
    fc.tuple(fc.constant(plan), fc.array(documentFor(plan.root), { minLength: 4, maxLength: 4 })),
  );

describe("the kernel", () => {
  it("says of any document under any plan what the reference implementation says, or nothing", () => {
    fc.assert(
      fc.property(anyPlan, anyNeighbour, ([plan, documents], neighbour) => {
        const loaded = kernel.load(plan, keys);
        for (const document of documents) expectSame(plan, document, { loaded, neighbour });
      }),
      { numRuns: 1000 },
    );
  });

  it("does so for bytes that were wounded", () => {
    fc.assert(
      fc.property(
        anyPlan,
        fc.array(anyWound, { minLength: 1, maxLength: 3 }),
        anyNeighbour,
        ([plan, documents], wounds, neighbour) => {
          const loaded = kernel.load(plan, keys);
          for (const document of documents) {
            const bytes = wounds.reduce<Buffer>((each, wound) => wound(each), Buffer.from(document));
            expectSame(plan, bytes, { loaded, neighbour });
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("does so for the plans that contracts, bundles and agreements compile to", () => {
    const anyCase = anyFields.chain((fields) =>
      fc.tuple(
        fc.constant(fields),
        fc.array(dataFor(fields), { minLength: 3, maxLength: 3 }),
        fc.array(anyUse, { maxLength: 3 }),
      ),
    );
    fc.assert(
      fc.property(anyCase, ([fields, values, uses]) => {
        const plan = compilePlan(input(contract(fields), { bundles: [bundle(...uses)] }));
        for (const value of values) expectSame(plan, JSON.stringify(value));
      }),
      { numRuns: 200 },
    );
  });

  it("decides most of what is permitted by itself", () => {
    const counts = { permit: 0, unmet: 0, other: 0 };
    fc.assert(
      fc.property(anyPlan, ([plan, documents]) => {
        for (const document of documents) counts[expectSame(plan, document).effect]++;
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(counts.permit).toBeGreaterThan(200);
  });
});
