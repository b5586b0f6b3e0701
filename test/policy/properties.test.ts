import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FieldAction, STRICTNESS } from "../../src/kernel/action.ts";
import type { Json, JsonNode } from "../../src/kernel/json.ts";
import type { PlanNode, PolicyPlan } from "../../src/kernel/plan.ts";
import type { ModuleUse } from "../../src/kernel/policy-bundle.ts";
import { toNode, writeJson } from "../../src/kernel/strict-json.ts";
import { evaluate, type Verdict } from "../../src/policy/evaluate.ts";
import { fieldsFrom } from "../../src/policy/field-tree.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { anyAction, anyFields, anyUse, dataFor } from "./arbitrary.ts";
import {
  agreement,
  bundle,
  contract,
  facts,
  input,
  keys,
  partner,
  permitted,
  type Sketch,
} from "./sample.ts";

interface Case {
  readonly fields: Record<string, Sketch>;
  readonly data: Json;
  readonly uses: readonly ModuleUse[];
  readonly added: ModuleUse;
  readonly narrow: ReadonlyMap<string, FieldAction>;
  /** Can values be encrypted for the partner? */
  readonly hasKey: boolean;
}

/** A contract, a record of it, policies, and one policy or narrowing more. */
const anyCase: fc.Arbitrary<Case> = anyFields.chain((fields) => {
  const paths = [...fieldsFrom(contract(fields).root)].map(({ path }) => path).filter((path) => path !== "");
  const narrowing = fc.tuple(fc.constantFrom(...paths, "/a/0", "/*/b", "/*"), anyAction);
  return fc.record({
    fields: fc.constant(fields),
    data: dataFor(fields),
    uses: fc.array(anyUse, { maxLength: 3 }),
    added: anyUse,
    narrow: fc.array(narrowing, { maxLength: 2 }).map((entries) => new Map(entries)),
    hasKey: fc.boolean(),
  });
});

const ENC = { kid: "k1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x: "AA" } } as const;

const planOf = ({ fields, hasKey }: Case, uses: readonly ModuleUse[], narrow?: Case["narrow"]): PolicyPlan =>
  compilePlan(
    input(contract(fields), {
      bundles: [bundle(...uses)],
      partner: partner({ card: { ...partner().card, keys: hasKey ? [ENC] : [] } }),
      agreement: agreement(narrow === undefined ? {} : { narrow }),
    }),
  );

const verdictOf = (plan: PolicyPlan, data: Json): Verdict => evaluate(plan, facts(toNode(data)), keys);

/** Every value in a node by its concrete pointer. */
function* valuesIn(node: JsonNode, path = ""): Generator<readonly [path: string, node: JsonNode]> {
  yield [path, node];
  if (node.kind === "array")
    for (const [index, item] of node.items.entries()) yield* valuesIn(item, `${path}/${index}`);
  if (node.kind === "object")
    for (const [name, { value }] of node.members) yield* valuesIn(value, `${path}/${name}`);
}

/** Strictness of what becomes of a contract path, its containers counted in: what lies in one that is replaced is not there. */
function strictness(plan: PolicyPlan, path: string): number {
  let node: PlanNode | undefined = plan.root;
  let strictest = 0;
  while (node !== undefined) {
    const action = node.action?.action ?? "share";
    const here = node.path === path || action === "share" ? action : "drop";
    const rank = STRICTNESS.findIndex((names) => names.includes(here));
    strictest = Math.max(strictest, rank);
    const children: PlanNode[] = [
      ...Object.values(node.members),
      ...(node.elements === undefined ? [] : [node.elements]),
    ];
    node = children.find((child) => path === child.path || path.startsWith(`${child.path}/`));
  }
  return strictest;
}

/** Says nothing of the record but that something stood there. */
const saysNothing = (node: JsonNode): boolean => ["null", "0", '"x"', "{}", "[]"].includes(writeJson(node));

function expectNoWider(narrow: Verdict, wide: Verdict): void {
  // What was denied stays denied: a rule that takes a field away does not take the field's check away.
  if (wide.effect === "deny") expect(narrow.effect).toBe("deny");
  if (narrow.effect === "deny" || wide.effect === "deny") return;
  const before = new Map(valuesIn(wide.data ?? toNode({})));
  for (const [path, node] of valuesIn(narrow.data ?? toNode({}))) {
    const counterpart = before.get(path);
    if (counterpart === undefined)
      expect([path, writeJson(node), saysNothing(node)]).toEqual([path, writeJson(node), true]);
    else if (node.kind === "object" || node.kind === "array")
      expect([path, counterpart.kind]).toEqual([path, node.kind]);
  }
}

/** One policy more: the plans, and the strictness of each path in both. */
function expectNarrower(wide: PolicyPlan, narrow: PolicyPlan, fields: Record<string, Sketch>): void {
  for (const { path } of fieldsFrom(contract(fields).root)) {
    expect([path, strictness(narrow, path) >= strictness(wide, path)]).toEqual([path, true]);
  }
  expect(narrow.validity.from).toBeGreaterThanOrEqual(wide.validity.from);
  expect(narrow.validity.until).toBeLessThanOrEqual(wide.validity.until);
  for (const name of ["bytesMax", "depthMax", "arrayLengthMax"] as const) {
    expect(narrow.limits[name]).toBeLessThanOrEqual(wide.limits[name]);
  }
  expect(narrow.conditions).toEqual(expect.arrayContaining([...wide.conditions]));
  expect(narrow.denials).toEqual(expect.arrayContaining([...wide.denials]));
}

const RUNS = { numRuns: 400 };

describe("one module more", () => {
  it("makes no plan wider", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { uses, added, fields } = given;
        expectNarrower(planOf(given, uses), planOf(given, [...uses, added]), fields);
      }),
      RUNS,
    );
  });

  it("lets no value through that stayed before", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { uses, added, data } = given;
        expectNoWider(verdictOf(planOf(given, [...uses, added]), data), verdictOf(planOf(given, uses), data));
      }),
      RUNS,
    );
  });
});

describe("an agreement that narrows", () => {
  it("makes no plan wider, and lets no value through that stayed before", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { uses, data, narrow, fields } = given;
        const [before, after] = [planOf(given, uses), planOf(given, uses, narrow)];
        expectNarrower(before, after, fields);
        expectNoWider(verdictOf(after, data), verdictOf(before, data));
      }),
      RUNS,
    );
  });
});

describe("a plan", () => {
  it("has one digest, whatever the order of modules and bundles", () => {
    fc.assert(
      fc.property(anyCase, ({ fields, uses, added }) => {
        const compile = (modules: readonly ModuleUse[], reversed: boolean) => {
          const bundles = [bundle(...modules), { ...bundle(added), name: "second" }];
          return compilePlan(input(contract(fields), { bundles: reversed ? bundles.toReversed() : bundles }));
        };
        expect(compile(uses.toReversed(), true).digest).toBe(compile(uses, false).digest);
      }),
      RUNS,
    );
  });

  it("is the same for a policy said twice", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        expect(planOf(given, [...given.uses, ...given.uses]).digest).toBe(planOf(given, given.uses).digest);
      }),
      RUNS,
    );
  });

  it("gives the same record the same verdict", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { uses, data } = given;
        expect(verdictOf(planOf(given, uses), data)).toEqual(verdictOf(planOf(given, uses), data));
      }),
      RUNS,
    );
  });
});

describe("a value that no rule shares", () => {
  /** Every leaf's value says where it stands; only fields of action `share` may show theirs. */
  const marked = (sketch: Sketch, path: string): Json => {
    if (sketch.members !== undefined) {
      const members = Object.entries(sketch.members).map(([name, child]) => [
        name,
        marked(child, `${path}/${name}`),
      ]);
      return { ...Object.fromEntries(members), [`name-of${path}`]: `unlisted-in${path}#` };
    }
    if (sketch.elements !== undefined)
      return [marked(sketch.elements, `${path}/*`), marked(sketch.elements, `${path}/*`)];
    return `mark-of${path}#`;
  };

  it("appears nowhere in what leaves or in the decision", () => {
    fc.assert(
      fc.property(anyFields, fc.array(anyUse, { maxLength: 2 }), (fields, uses) => {
        const subject = contract(fields);
        const plan = compilePlan(input(subject, { bundles: [bundle(...uses)] }));
        const verdict = evaluate(plan, facts(toNode(marked({ members: fields }, ""))), keys);
        const shown = JSON.stringify(verdict, (_key, value) =>
          typeof value === "bigint" ? String(value) : value instanceof Map ? [...value] : value,
        );
        expect(shown).not.toContain("unlisted-in");
        expect(shown).not.toContain("name-of");
        for (const { path, action } of fieldsFrom(subject.root)) {
          // A prefix or a mask shows a part: the mark's end is never in it.
          if (action !== undefined && action.action !== "share")
            expect(shown).not.toContain(`mark-of${path}#`);
        }
      }),
      RUNS,
    );
  });
});

/** A finding makes null of a value, and an action that takes no null then drops it: it says as little. */
const withoutNulls = (node: JsonNode): string =>
  JSON.stringify(JSON.parse(writeJson(node)), (_name, value) => (value === null ? undefined : value));

describe("what has left", () => {
  it("is left as it is by the same plan, where all actions are idempotent", () => {
    // Below the first band and shorter than a prefix stands null, which neither takes a second time.
    const idempotent = ["share", "round", "truncate-date", "coarsen-geo", "constant", "null", "drop"];
    fc.assert(
      fc.property(anyCase, (given) => {
        const plan = planOf(given, given.uses);
        const once = verdictOf(plan, given.data);
        const used = once.effect === "permit" ? once.fields.map(({ action }) => action) : ["prefix"];
        if (
          once.effect === "deny" ||
          once.data === undefined ||
          !used.every((name) => idempotent.includes(name))
        )
          return;
        const twice = evaluate(plan, facts(once.data), keys);
        // What was nulled may have become a value that its schema does not know.
        if (twice.effect === "permit")
          expect(withoutNulls(permitted(twice).data ?? toNode(null))).toBe(withoutNulls(once.data));
      }),
      RUNS,
    );
  });
});
