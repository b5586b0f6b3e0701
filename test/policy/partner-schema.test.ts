import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { ContractField } from "../../src/kernel/contract.ts";
import type { Json, JsonMembers } from "../../src/kernel/json.ts";
import type { PlanNode, PolicyPlan } from "../../src/kernel/plan.ts";
import { SCREEN_OUTCOMES, type Screen } from "../../src/kernel/screen.ts";
import { partnerSchema } from "../../src/policy/partner-schema.ts";
import { anyFields, anyUse, dataFor } from "./arbitrary.ts";
import { leaves, planOf, validator } from "./reader.ts";
import { bundle, number, type Sketch, share, text } from "./sample.ts";

const round = (multiple: number): FieldAction => ({ action: "round", multiple, mode: "half-even" });
const types = (...names: NonNullable<Sketch["types"]>): Pick<Sketch, "types"> => ({ types: names });

describe("the schema of a record", () => {
  it("is closed, names nothing that is dropped, and asks for what always leaves", () => {
    const fields = {
      material: text(share),
      secret: text({ action: "drop" }),
      map: {
        ...types("object"),
        members: { "*": text({ action: "null" }), hidden: text({ action: "drop" }) },
      },
      list: {
        ...types("array"),
        elements: { ...types("object"), members: { a: number(round(5)) } },
        check: { maxItems: 9 },
      },
      lax: { ...types("array"), elements: { action: round(5) } },
    };
    expect(partnerSchema(planOf(fields))).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        material: { type: "string" },
        map: { type: "object", properties: {}, additionalProperties: { type: "null" } },
        list: {
          type: "array",
          items: {
            type: "object",
            properties: { a: expect.objectContaining({ type: "integer" }) },
            additionalProperties: false,
          },
          maxItems: 9,
        },
        // An element that is dropped stands as null.
        lax: { type: "array", items: { type: ["integer", "null"], anyOf: expect.anything() } },
      },
      additionalProperties: false,
    });
    expect(JSON.stringify(partnerSchema(planOf(fields)))).not.toMatch(/secret|hidden/);
  });

  it("is of nothing where nothing leaves", () => {
    const plan = planOf({ a: text(share) });
    const gone: PolicyPlan = { ...plan, root: { ...plan.root, action: { action: "drop" } } };
    expect(validator(partnerSchema(gone))({})).toBe(false);
    expect(validator(partnerSchema(planOf({})))({})).toBe(true);
    expect(validator(partnerSchema(planOf({})))({ a: 1 })).toBe(false);
  });

  it.each<[Screen["outcome"], Json, boolean]>([
    ["deny", { type: "string", maxLength: 3 }, true],
    ["drop", { type: "string", maxLength: 3 }, false],
    ["null", { type: ["string", "null"], maxLength: 3 }, true],
    [
      "pseudonymize",
      {
        anyOf: [
          { type: "string", maxLength: 3 },
          { type: "string", pattern: "^[A-Za-z0-9_-]{22}$" },
        ],
      },
      true,
    ],
  ])("has room for a finding that is to %s", (outcome, shape, required) => {
    const plan = planOf({ v: text(share, { check: { maxLength: 3 } }) });
    const v = plan.root.members.v as PlanNode;
    const root = {
      ...plan.root,
      check: { required: ["v"] },
      members: { v: { ...v, screens: [screen(outcome)] } },
    };
    expect(partnerSchema({ ...plan, root })).toMatchObject({ properties: { v: shape } });
    expect("required" in partnerSchema({ ...plan, root })).toBe(required);
  });
});

const screen = (outcome: Screen["outcome"]): Screen => ({
  by: "infosec/screen",
  detectors: [],
  words: ["anna", "22", "a"],
  except: [],
  outcome,
});

/** Checks of every keyword, few enough that values keep them now and then. */
const anyCheck: fc.Arbitrary<ContractField["check"]> = fc.record(
  {
    required: fc.subarray(["a", "b"]),
    enum: fc.constant<Json[]>(["x", 0, 5, null, "2026-11-22"]),
    minimum: fc.constantFrom(-5, 0, 0.5),
    exclusiveMinimum: fc.constantFrom(-5, 0.25),
    maximum: fc.constantFrom(1234.5, 100),
    multipleOf: fc.constantFrom(1, 5, 0.1),
    minLength: fc.constantFrom(0, 1, 4),
    maxLength: fc.constantFrom(20, 12),
    pattern: fc.constantFrom("^.*$", "[0-9]"),
    format: fc.constantFrom("date", "date-time", "iri"),
    minItems: fc.constantFrom(0, 1),
    maxItems: fc.constantFrom(2, 9),
  },
  { requiredKeys: [] },
);
const anyScreens = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly Screen[]>([]) },
  fc.constantFrom(...SCREEN_OUTCOMES).map((outcome): readonly Screen[] => [screen(outcome)]),
);

/** Every node with a check and screens more; one keyword at most, so that some records keep all of them. */
function harder(
  node: PlanNode,
  checks: readonly ContractField["check"][],
  screens: readonly Screen[],
): PlanNode {
  const [extra = {}, ...others] = checks;
  const keep = Object.entries(extra).slice(0, 1);
  const members = Object.entries(node.members).map(([name, child], index) => [
    name,
    harder(child, others.slice(index), screens),
  ]);
  return {
    ...node,
    check: { ...node.check, ...Object.fromEntries(keep) },
    screens,
    members: Object.fromEntries(members),
    elements: node.elements === undefined ? undefined : harder(node.elements, others, screens),
  };
}

const anyPlan = fc
  .record({
    fields: anyFields,
    uses: fc.array(anyUse, { maxLength: 1 }),
    checks: fc.array(anyCheck, { maxLength: 8 }),
    screens: anyScreens,
  })
  .chain(({ fields, uses, checks, screens }) => {
    const compiled = planOf(fields, { bundles: [bundle(...uses)] });
    const plan: PolicyPlan = {
      ...compiled,
      denials: [],
      conditions: [],
      limits: { bytesMax: 1e6, depthMax: 16, arrayLengthMax: 99 },
      root: harder(compiled.root, checks, screens),
    };
    return fc.record({
      plan: fc.constant(plan),
      data: fc.array(dataFor(fields), { minLength: 8, maxLength: 8 }),
    });
  });

describe("every record that leaves", () => {
  it("keeps the schema", () => {
    let left = 0;
    fc.assert(
      fc.property(anyPlan, ({ plan, data }) => {
        const accepts = validator(partnerSchema(plan));
        for (const value of data) {
          const out = leaves(plan, value);
          if (out === undefined) continue;
          left += 1;
          expect([JSON.stringify(out), accepts(out)]).toEqual([JSON.stringify(out), true]);
        }
      }),
      { numRuns: 500 },
    );
    expect(left).toBeGreaterThan(500);
  });
});

describe("a record that would show more", () => {
  const fields = {
    material: text(share),
    site: text({ action: "prefix", length: 4 }),
    when: text({ action: "truncate-date", to: "month" }, { check: { format: "date" } }),
    who: text({ action: "pseudonymize" }),
    vin: text({ action: "mask", keepFirst: 3, keepLast: 0, with: "." }),
    demand: number(round(100), { check: { minimum: 0, maximum: 1e6 } }),
    stock: number({ action: "band", edges: [0, 100] }),
    note: text({ action: "null" }),
    price: number({ action: "drop" }),
    spec: { ...types("object"), action: { action: "encrypt", keyRole: "q" } } satisfies Sketch,
    rows: {
      ...types("array"),
      elements: { ...types("object"), members: { a: text(share) } },
    } satisfies Sketch,
  };
  const raw = {
    material: "M-1",
    site: "BPNS0001",
    when: "2026-11-22",
    who: "Planner Anna",
    vin: "WVWZZZ1JZXW000001",
    demand: 1249,
    stock: 17,
    note: "call Anna",
    price: 9.99,
    spec: { secret: true },
    rows: [{ a: "x", hidden: 1 }],
  };
  const plan = planOf(fields);
  const out = leaves(plan, raw) as JsonMembers;
  const accepts = validator(partnerSchema(plan));

  it("is refused although the record as it leaves is not", () => {
    expect(accepts(out)).toBe(true);
    expect(accepts(raw)).toBe(false);
  });

  it.each(Object.keys(raw).filter((name) => name !== "material"))("is refused with %s put back", (name) => {
    expect(accepts({ ...out, [name]: raw[name as keyof typeof raw] })).toBe(false);
  });

  it("is refused with a member that no rule names", () => {
    expect(accepts({ ...out, unlisted: 1 })).toBe(false);
  });
});
