import fc from "fast-check";
import type { ActionName, FieldAction } from "../../../src/kernel/action.ts";
import type { JsonType, ValueCheck } from "../../../src/kernel/contract.ts";
import type { Json } from "../../../src/kernel/json.ts";
import type { PlanCondition, PlanNode } from "../../../src/kernel/plan.ts";
import { SCREEN_OUTCOMES } from "../../../src/kernel/screen.ts";
import { ACTIONS } from "../../../src/policy/actions.ts";
import { anyAction } from "../arbitrary.ts";
import { rule } from "./differential.ts";

/** Every action, and those with many parameters again with all of them. */
const anyEdit: fc.Arbitrary<FieldAction> = fc.oneof(
  anyAction,
  fc.record({
    action: fc.constant("round" as const),
    multiple: fc.constantFrom(1, 0.05, 3, 100, 1e15, 1e-7, 0, -5, 7.25, 1e300),
    mode: fc.constantFrom("half-even" as const, "half-up" as const, "floor" as const, "ceil" as const),
  }),
  fc.record({
    action: fc.constant("truncate-date" as const),
    to: fc.constantFrom(...(["year", "quarter", "month", "iso-week", "day", "hour", "minute"] as const)),
  }),
  fc.record({ action: fc.constant("prefix" as const), length: fc.constantFrom(0, 1, 2, 10) }),
  fc.record({ action: fc.constant("coarsen-geo" as const), decimals: fc.constantFrom(0, 2, 5, 16, 40) }),
  fc.constant<FieldAction>({ action: "share" }),
  fc.constant<FieldAction>({ action: "constant", value: { "a\n": [1, "é"] } }),
);

const TYPES: readonly JsonType[] = ["null", "boolean", "integer", "number", "string", "array", "object"];
const anyTypes = fc.oneof(
  fc.constant(undefined),
  fc.subarray([...TYPES], { minLength: 1 }),
  fc.constant(TYPES),
);

const anyBound = fc.constantFrom(0, 1, -1, 0.5, 10, 99.95, -1234.5, 1e17, 1e300, 3);

/** Each keyword alone or with few others. */
const anyDemands: fc.Arbitrary<ValueCheck> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  fc.record(
    {
      minimum: anyBound,
      maximum: anyBound,
      exclusiveMinimum: anyBound,
      exclusiveMaximum: anyBound,
      multipleOf: anyBound,
    },
    { requiredKeys: [] },
  ),
  fc.record(
    { minLength: fc.constantFrom(0, 1, 2.5, 4), maxLength: fc.constantFrom(1, 4, 10, 20) },
    { requiredKeys: [] },
  ),
  fc.record({ minItems: fc.constantFrom(0, 1), maxItems: fc.constantFrom(0, 1, 2, 5) }, { requiredKeys: [] }),
  fc.record({ format: fc.constantFrom("date", "date-time", "uuid", "email", "uri", "hostname") }),
  fc.record({ pattern: fc.constantFrom("^[A-Z]", "a", "[", "^.{2}$", "^[A-Z][a-z]*$", "^[^x]{1,4}$") }),
  fc.record({
    enum: fc.constantFrom<Json[]>(["x", "Anna"], ["é", 1, null], [true, 0.5, "x"], [[1], {}, "2026-11-22"]),
  }),
);

const anyCheck: fc.Arbitrary<ValueCheck> = fc
  .tuple(anyTypes, anyDemands)
  .map(([types, demands]) => (types === undefined ? demands : { types, ...demands }));

const anyScreens: fc.Arbitrary<PlanNode["screens"]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant([]) },
  fc
    .constantFrom(...SCREEN_OUTCOMES)
    .map((outcome) => [
      { by: "infosec/screens", detectors: ["email"] as const, words: ["anna"], except: [], outcome },
    ]),
);

const anyBy = fc.constantFrom("contract", "infosec/categories", "agreement");

/** What the contract says beside what is done: weaker than that, or the same. */
const ownOf = (action: FieldAction): fc.Arbitrary<ActionName> =>
  fc.constantFrom<ActionName>(
    action.action,
    "share",
    ...(ACTIONS[action.action].reads ? [] : (["drop"] as const)),
  );

export const NAMES = [
  "a",
  "b",
  "é",
  "a longer name than sixteen",
  "a longer mane than sixteen",
  "",
  "__proto__",
] as const;

const leafAt = (path: string): fc.Arbitrary<PlanNode> =>
  fc
    .record({ action: anyEdit, by: anyBy, check: anyCheck, screens: anyScreens })
    .chain((leaf) => ownOf(leaf.action).map((own) => rule(path, { ...leaf, own })));

/** What takes a whole container away. */
const anyTaking = fc.constantFrom<FieldAction | undefined>(
  undefined,
  undefined,
  undefined,
  { action: "drop" },
  { action: "null" },
  { action: "constant", value: [] },
);

function containerAt(path: string, depth: number): fc.Arbitrary<PlanNode> {
  const child = (name: string): fc.Arbitrary<PlanNode> => anyNodeAt(`${path}/${name}`, depth - 1);
  const listed = fc
    .subarray([...NAMES, "*"], { maxLength: 4 })
    .chain((names) => fc.tuple(...names.map((name) => child(name).map((node) => [name, node] as const))))
    .map((entries): PlanNode["members"] => Object.fromEntries(entries));
  return fc
    .record({
      action: anyTaking,
      by: anyBy,
      screens: anyScreens,
      check: fc
        .tuple(anyCheck, fc.subarray([...NAMES], { maxLength: 2 }), fc.boolean())
        .map(([check, required, wide]) => ({
          ...(wide ? {} : check),
          ...(required.length > 0 ? { required } : {}),
        })),
      members: fc.oneof({ weight: 4, arbitrary: listed }, fc.constant({})),
      elements: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, child("*")),
    })
    .map((container) => rule(path, { ...container, own: undefined }));
}

function anyNodeAt(path: string, depth: number): fc.Arbitrary<PlanNode> {
  if (depth === 0) return leafAt(path);
  return fc.oneof({ weight: 2, arbitrary: leafAt(path) }, { weight: 3, arbitrary: containerAt(path, depth) });
}

/** Plans with everything in them, also what no contract compiles to. */
export const anyRoot: fc.Arbitrary<PlanNode> = fc.oneof(
  { weight: 9, arbitrary: containerAt("", 2).map((root) => ({ ...root, action: undefined })) },
  anyNodeAt("", 2),
);

export const anyConditions: fc.Arbitrary<readonly PlanCondition[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  fc.array(
    fc.record({
      module: anyBy,
      field: fc.constantFrom("/a", "/b", "/a/b", "/a/a", "/unlisted", "/unlisted/x", "/*/a", "/0", "", "/é"),
      op: fc.constantFrom("equals" as const, "in" as const, "prefix" as const, "exists" as const),
      values: fc.constantFrom<Json[]>(["x"], ["x", "2026-11-22", "Anna"], ["A"], [""], [1, "x"], []),
    }),
    { maxLength: 3 },
  ),
);
