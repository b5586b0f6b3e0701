import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonNode } from "../../src/kernel/json.ts";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { ModuleUse } from "../../src/kernel/policy-bundle.ts";
import { toNode, writeJson } from "../../src/kernel/strict-json.ts";
import { evaluate, type Verdict } from "../../src/policy/evaluate.ts";
import { planDifference, widens } from "../../src/policy/plan-difference.ts";
import { anyFields, anyUse, dataFor } from "./arbitrary.ts";
import { planOf } from "./reader.ts";
import { bundle, facts, keys, type Sketch } from "./sample.ts";

const RUNS = { numRuns: 400 };
const anyUses = fc.array(anyUse, { maxLength: 2 });
const anyCase = anyFields.chain((fields) =>
  fc.record({
    fields: fc.constant(fields),
    some: anyUses,
    others: anyUses,
    data: fc.array(dataFor(fields), { minLength: 4, maxLength: 4 }),
  }),
);
const under = (fields: Record<string, Sketch>, uses: readonly ModuleUse[]): PolicyPlan =>
  planOf(fields, { bundles: [bundle(...uses)] });

const FLIPPED = { widened: "narrowed", narrowed: "widened", changed: "changed", neutral: "neutral" } as const;

describe("the difference of two plans", () => {
  it("is none of a plan to itself, and has every direction turned round the other way", () => {
    fc.assert(
      fc.property(anyCase, ({ fields, some, others }) => {
        const [one, other] = [under(fields, some), under(fields, others)];
        expect(planDifference(one, one)).toEqual([]);
        const rows = (changes: ReturnType<typeof planDifference>, flip: boolean) =>
          changes
            .map(
              ({ place, aspect, direction }) => `${place} ${aspect} ${flip ? FLIPPED[direction] : direction}`,
            )
            .sort();
        expect(rows(planDifference(other, one), true)).toEqual(rows(planDifference(one, other), false));
      }),
      RUNS,
    );
  });

  it("never widens for a policy more", () => {
    let narrowed = 0;
    fc.assert(
      fc.property(anyCase, ({ fields, some, others }) => {
        const changes = planDifference(under(fields, some), under(fields, [...some, ...others]));
        expect(changes.filter((change) => widens([change]))).toEqual([]);
        narrowed += changes.length;
      }),
      RUNS,
    );
    expect(narrowed).toBeGreaterThan(50);
  });
});

/** Every scalar by its concrete pointer, as text. */
function* scalars(node: JsonNode, path = ""): Generator<readonly [string, string]> {
  if (node.kind === "array")
    for (const [index, item] of node.items.entries()) yield* scalars(item, `${path}/${index}`);
  else if (node.kind === "object")
    for (const [name, { value }] of node.members) yield* scalars(value, `${path}/${name}`);
  else yield [path, writeJson(node)];
}

/** Values that leave exactly as they came; those that a rule makes of anything tell nothing. */
function exact(raw: JsonNode, verdict: Verdict): readonly string[] {
  if (verdict.effect === "deny" || verdict.data === undefined) return [];
  const before = new Map(scalars(raw));
  return [...scalars(verdict.data)].flatMap(([path, left]) =>
    before.get(path) === left && !["null", "0", '"x"'].includes(left) ? [`${path} ${left}`] : [],
  );
}

describe("a plan that widens nothing", () => {
  it("lets no record through and shows no value that the other would not", () => {
    let seen = 0;
    fc.assert(
      fc.property(anyCase, ({ fields, some, others, data }) => {
        const [old, next] = [under(fields, some), under(fields, others)];
        const changes = planDifference(old, next);
        if (widens(changes)) return;
        for (const value of data) {
          const raw = toNode(value as Json);
          const [before, after] = [old, next].map((each) => evaluate(each, facts(raw), keys)) as [
            Verdict,
            Verdict,
          ];
          if (after.effect === "permit") expect(before.effect).toBe("permit");
          const known = exact(raw, before);
          expect(exact(raw, after).filter((each) => !known.includes(each))).toEqual([]);
          if (changes.length > 0) seen += 1;
        }
      }),
      { numRuns: 1500 },
    );
    expect(seen).toBeGreaterThan(300);
  });
});
