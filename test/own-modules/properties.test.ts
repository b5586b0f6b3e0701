import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonNode } from "../../src/kernel/json.ts";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { ModuleUse } from "../../src/kernel/policy-bundle.ts";
import { toNode, writeJson } from "../../src/kernel/strict-json.ts";
import { evaluate, type Verdict } from "../../src/policy/evaluate.ts";
import { compileWith } from "../../src/policy/plan.ts";
import { MODULES } from "../../src/policy/registry.ts";
import { anyAction, anyFields, anyUse, dataFor } from "../policy/arbitrary.ts";
import { bundle, contract, facts, input, keys, type Sketch, uses } from "../policy/sample.ts";
import { loaded } from "./sample.ts";

/** Says what its settings say: whatever a module could answer. */
const echo = loaded("return settings.answer;");
const modules = new Map([...MODULES, [echo.name, echo]]);

const anyPath = fc.constantFrom("/a", "/b", "/a/*", "/*", "/*/b", "/c/d", "", "no pointer");
const anyBound = fc.oneof(fc.integer({ min: -10, max: 2_000_000 }), fc.constant(1e300), fc.constant(0.5));
const anyAnswer: fc.Arbitrary<Json> = fc
  .record(
    {
      fields: fc.array(fc.record({ path: anyPath, action: anyAction }), { maxLength: 4 }),
      key: fc.constantFrom("pseudonymize", "drop", "share"),
      withoutHeaders: fc.array(fc.constantFrom("traceparent", "x"), { maxLength: 2 }),
      timestamp: fc.constantFrom("day", "iso-week", "month", "second"),
      conditions: fc.array(
        fc.record({
          field: anyPath,
          op: fc.constantFrom("equals", "exists", "matches"),
          values: fc.array(fc.jsonValue()),
        }),
        { maxLength: 1 },
      ),
      limits: fc.record({ bytesMax: anyBound, depthMax: anyBound }, { requiredKeys: [] }),
      validity: fc.record({ from: anyBound, until: anyBound }, { requiredKeys: [] }),
      age: fc.record({ leastMs: anyBound, mostMs: anyBound }, { requiredKeys: [] }),
      quota: fc.record({ recordsPerSecond: anyBound }, { requiredKeys: [] }),
      tombstones: fc.constantFrom("deny", "pass"),
      onwardSharing: fc.constantFrom("forbidden", "allowed"),
      unknown: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((answer): Json => JSON.parse(JSON.stringify(answer)));

interface Case {
  readonly fields: Record<string, Sketch>;
  readonly data: Json;
  readonly before: readonly ModuleUse[];
  readonly answer: Json;
}
const anyCase: fc.Arbitrary<Case> = anyFields.chain((fields) =>
  fc.record({
    fields: fc.constant(fields),
    data: dataFor(fields),
    before: fc.array(anyUse, { maxLength: 2 }),
    answer: fc.oneof(
      { arbitrary: anyAnswer, weight: 4 },
      fc.jsonValue().map((json): Json => JSON.parse(JSON.stringify(json))),
    ),
  }),
);

const planOf = ({ fields }: Case, modulesUsed: readonly ModuleUse[]): PolicyPlan =>
  compileWith(input(contract(fields), { bundles: [bundle(...modulesUsed)] }), modules);
const verdictOf = (plan: PolicyPlan, data: Json): Verdict => evaluate(plan, facts(toNode(data)), keys);

/** Every value in a node by its pointer. */
function* valuesIn(node: JsonNode, path = ""): Generator<readonly [path: string, node: JsonNode]> {
  yield [path, node];
  if (node.kind === "array")
    for (const [index, item] of node.items.entries()) yield* valuesIn(item, `${path}/${index}`);
  if (node.kind === "object")
    for (const [name, { value }] of node.members) yield* valuesIn(value, `${path}/${name}`);
}
/** Of these one can only tell that something stood there. */
const SAYS_NOTHING = ["null", "0", '"x"', "{}", "[]"];

describe("a module of one's own, whatever it answers", () => {
  it("lets no value through that stayed without it, and widens no bound", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const wide = planOf(given, given.before);
        const narrow = planOf(given, [...given.before, uses("our-rule", { answer: given.answer })]);
        expect(narrow.denials).toEqual(expect.arrayContaining([...wide.denials]));
        expect(narrow.conditions).toEqual(expect.arrayContaining([...wide.conditions]));
        expect(narrow.validity.from).toBeGreaterThanOrEqual(wide.validity.from);
        expect(narrow.validity.until).toBeLessThanOrEqual(wide.validity.until);
        expect(narrow.limits.bytesMax).toBeLessThanOrEqual(wide.limits.bytesMax);
        expect(narrow.age.leastMs).toBeGreaterThanOrEqual(wide.age.leastMs);
        const [before, after] = [verdictOf(wide, given.data), verdictOf(narrow, given.data)];
        if (before.effect === "deny" || after.effect === "deny") return;
        const left = new Map(valuesIn(before.data ?? toNode({})));
        const more = [...valuesIn(after.data ?? toNode({}))].filter(
          ([path, node]) => !left.has(path) && !SAYS_NOTHING.includes(writeJson(node)),
        );
        expect(more).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
