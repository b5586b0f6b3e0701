import fc from "fast-check";
import type { FieldAction } from "../../src/kernel/action.ts";
import { CLASSIFICATIONS, type ContractField, type JsonType } from "../../src/kernel/contract.ts";
import type { Json } from "../../src/kernel/json.ts";
import type { ModuleUse } from "../../src/kernel/policy-bundle.ts";
import { SCREEN_OUTCOMES } from "../../src/kernel/screen.ts";
import type { Sketch } from "./sample.ts";

/** Few parameters, so that actions often meet their like. */
export const anyAction: fc.Arbitrary<FieldAction> = fc.oneof(
  fc.constant<FieldAction>({ action: "share" }),
  fc.record({
    action: fc.constant("round" as const),
    multiple: fc.constantFrom(1, 2, 5, 10, 100, 0.5, 0.25, 1e15, 999_999_999_999_989),
    mode: fc.constantFrom("half-even" as const, "floor" as const),
  }),
  fc.record({
    action: fc.constant("band" as const),
    edges: fc.constantFrom([0, 10, 100], [100, 0], [0], [5], [0, 10, 100, 0]),
  }),
  fc.record({
    action: fc.constant("truncate-date" as const),
    to: fc.constantFrom(
      "year" as const,
      "quarter" as const,
      "iso-week" as const,
      "day" as const,
      "hour" as const,
    ),
  }),
  fc.record({ action: fc.constant("coarsen-geo" as const), decimals: fc.constantFrom(0, 1, 3) }),
  fc.record({ action: fc.constant("prefix" as const), length: fc.constantFrom(1, 4) }),
  fc.record({
    action: fc.constant("mask" as const),
    keepFirst: fc.constantFrom(0, 2),
    keepLast: fc.constantFrom(0, 1),
    with: fc.constantFrom("*", "x"),
  }),
  fc.constant<FieldAction>({ action: "encrypt", keyRole: "quality" }),
  fc.constantFrom<FieldAction>(
    { action: "pseudonymize" },
    { action: "pseudonymize", domain: "a" },
    { action: "pseudonymize", domain: "b" },
    { action: "pseudonymize", domain: "a", length: 10 },
    { action: "pseudonymize", length: 30 },
  ),
  fc.constantFrom<FieldAction>({ action: "constant", value: 0 }, { action: "constant", value: "x" }),
  fc.constant<FieldAction>({ action: "null" }),
  fc.constant<FieldAction>({ action: "drop" }),
);

const anyClass = fc.constantFrom(...CLASSIFICATIONS);
const anyCategories = fc.subarray(["volume", "price", "person"] as const, { maxLength: 2 });
const anyTypes = fc.constantFrom<readonly JsonType[] | undefined>(
  undefined,
  ["string"],
  ["number"],
  ["string", "null"],
  ["string", "number"],
);

const anyFormat = fc.constantFrom<ContractField["check"]>({}, {}, { format: "date" });

const leaf: fc.Arbitrary<Sketch> = fc
  .record({
    action: anyAction,
    class: anyClass,
    categories: anyCategories,
    types: anyTypes,
    check: anyFormat,
  })
  .map(({ types, ...rest }) => (types === undefined ? rest : { ...rest, types }));

const NAMES = ["a", "b", "c"] as const;

/** Trees of fields, two containers deep. */
const { sketch } = fc.letrec<{ sketch: Sketch }>((tie) => ({
  sketch: fc.oneof(
    { maxDepth: 2, depthIdentifier: "field" },
    leaf,
    fc
      .tuple(fc.dictionary(fc.constantFrom(...NAMES), tie("sketch"), { maxKeys: 3 }), fc.subarray([...NAMES]))
      .map(([members, required]) => ({ types: ["object"] as const, members, check: { required } })),
    tie("sketch").map((elements) => ({ types: ["array"] as const, elements })),
  ),
}));

/** The fields of a contract. */
export const anyFields: fc.Arbitrary<Record<string, Sketch>> = fc.dictionary(
  fc.constantFrom(...NAMES),
  sketch,
  {
    minKeys: 1,
    maxKeys: 3,
  },
);

const anyScalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>("2026-11-22", "2026-11-22T10:11:12Z", "Planner Anna", "", null, true),
  fc.constantFrom<Json>("anna@example.com", "for BPNL00000003AAAA", "Acme Ltd", 4012345000009),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  fc.integer(),
);

/** Values for any contract. Their shape follows the fields mostly, and now and then does not. */
export function recordFor(sketch: Sketch): fc.Arbitrary<Json> {
  return fc.oneof({ weight: 12, arbitrary: fitting(sketch) }, { weight: 1, arbitrary: anyScalar });
}

/** Objects for these fields, with members that no contract lists. */
export function dataFor(fields: Readonly<Record<string, Sketch>>): fc.Arbitrary<Json> {
  return fitting({ types: ["object"], members: fields });
}

function fitting(sketch: Sketch): fc.Arbitrary<Json> {
  if (sketch.elements !== undefined) return fc.array(recordFor(sketch.elements), { maxLength: 3 });
  if (sketch.members !== undefined) {
    const members = Object.entries(sketch.members).map(([name, child]) => [name, recordFor(child)] as const);
    return fc.record<Record<string, Json>>(
      { ...Object.fromEntries(members), unlisted: anyScalar },
      { requiredKeys: [] },
    );
  }
  if (sketch.types?.includes("string"))
    return fc.constantFrom("2026-11-22", "Planner Anna", "x", "anna@example.com", "Acme Ltd");
  return sketch.types?.includes("number") ? fc.oneof(fc.integer(), fc.constantFrom(0.5, 1234.5)) : anyScalar;
}

const anyOutcome = fc.constantFrom(...SCREEN_OUTCOMES);
const anyDemand = fc.oneof(anyAction, fc.constantFrom("drop", "null", "pseudonymize"));

/** Uses of the gateway's modules. */
export const anyUse: fc.Arbitrary<ModuleUse> = fc
  .oneof(
    fc.tuple(
      fc.constant("classification-ceiling"),
      fc.record({ max: anyClass, otherwise: anyDemand }, { requiredKeys: [] }),
    ),
    fc.tuple(
      fc.constant("categories"),
      fc.record({ volume: anyDemand, price: anyDemand, person: anyDemand }, { requiredKeys: [] }),
    ),
    fc.tuple(
      fc.constant("purpose"),
      fc.record(
        {
          allow: fc.record(
            { volume: fc.constantFrom([], ["cx.dcm.base"]), person: fc.constant([]) },
            { requiredKeys: [] },
          ),
          otherwise: anyDemand,
        },
        { requiredKeys: ["allow"] },
      ),
    ),
    fc.tuple(fc.constant("scope"), fc.constantFrom([], [{ field: "/a", op: "exists" }])),
    fc.tuple(
      fc.constant("validity"),
      fc.constantFrom({}, { notAfter: "2026-12-31T00:00:00Z" }, { maxDays: 1 }),
    ),
    fc.tuple(
      fc.constant("third-party"),
      fc.record(
        { companies: fc.constant({ acme: ["Acme Ltd"] }), otherwise: anyOutcome },
        { requiredKeys: [] },
      ),
    ),
    fc.tuple(
      fc.constant("free-text"),
      fc.record({
        where: fc.constantFrom("free-text", "uncategorised", "everywhere"),
        screen: fc.record({ detectors: fc.constantFrom(["email"], []), otherwise: anyOutcome }),
      }),
    ),
    fc.tuple(
      fc.constant("personal-data"),
      fc.record({ person: anyDemand, find: fc.record({ email: anyOutcome }) }, { requiredKeys: [] }),
    ),
    fc.tuple(fc.constant("headers-and-key"), fc.constantFrom({ key: "pseudonymize" }, { timestamp: "day" })),
    fc.tuple(
      fc.constant("antitrust"),
      fc.record({ minimumAgeDays: fc.constantFrom(0, 2) }, { requiredKeys: [] }),
    ),
    fc.tuple(
      fc.constant("limits"),
      fc.constantFrom({}, { depthMax: 2 }, { recordBytesMax: 10, arrayLengthMax: 1 }),
    ),
  )
  .map(([use, settings]) => ({
    use,
    when: {},
    // A file holds plain objects; fast-check's have no prototype.
    with: JSON.parse(JSON.stringify(settings)),
  }));
