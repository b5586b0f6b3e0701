import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATEGORIES, CLASSIFICATIONS } from "../../../src/kernel/contract.ts";
import type { JsonNode } from "../../../src/kernel/json.ts";
import type { ModuleUse } from "../../../src/kernel/policy-bundle.ts";
import { toNode } from "../../../src/kernel/strict-json.ts";
import { evaluate, type Verdict } from "../../../src/policy/evaluate.ts";
import { compilePlan, compileWith, type PlanInput } from "../../../src/policy/plan.ts";
import { MODULES } from "../../../src/policy/registry.ts";
import { textsIn } from "../../../src/policy/screens.ts";
import { anyAction } from "../arbitrary.ts";
import { agreement, bundle, contract, facts, input, keys, partner, type Sketch, uses } from "../sample.ts";
import { anySettings, goodSettings } from "./any-settings.ts";
import { KESTREL, otherAgreement } from "./facts.ts";
import { expectNoWider } from "./plan-order.ts";

const anyLeaf: fc.Arbitrary<Sketch> = fc.record({
  action: anyAction,
  class: fc.constantFrom(...CLASSIFICATIONS.slice(0, 3)),
  categories: fc.subarray([...CATEGORIES], { maxLength: 2 }),
  // Both, mostly: else most records would be denied for their schema, and show nothing.
  types: fc.constantFrom(
    ["string"] as const,
    ...Array.from({ length: 9 }, () => ["string", "number"] as const),
  ),
});

const anyFields: fc.Arbitrary<Readonly<Record<string, Sketch>>> = fc.record({
  a: anyLeaf,
  b: anyLeaf,
  list: anyLeaf.map((elements): Sketch => ({ types: ["array"], elements })),
  map: anyLeaf.map((each): Sketch => ({ types: ["object"], members: { "*": each } })),
});

/** A contract and whatever a module may look at. */
const anyInput: fc.Arbitrary<PlanInput> = fc
  .record({
    fields: anyFields,
    key: fc.constantFrom({ action: "share" } as const, { action: "pseudonymize" } as const),
    exportClass: fc.constantFrom(undefined, "3E001"),
    country: fc.constantFrom(undefined, "DE"),
    parameters: fc.constantFrom({}, { nda: "NDA-7" }),
    others: fc.constantFrom([], [otherAgreement()]),
    onwardSharing: fc.constantFrom("allowed" as const, "forbidden" as const),
    isReceived: fc.nat(5).map((die) => die === 0),
  })
  .map(({ fields, key, exportClass, country, parameters, others, onwardSharing, isReceived }) =>
    input(contract(fields, { key, exportClass, onwardSharing, headers: ["traceparent", "note"] }), {
      partner: partner({ country, competesWith: ["kestrel"] }),
      agreement: agreement({ parameters }),
      others,
      received: isReceived ? { from: KESTREL, contract: "parts", onwardSharing } : undefined,
    }),
  );

const asUse = ([use, settings]: readonly [string, ModuleUse["with"]]): ModuleUse => uses(use, settings);

const TEXTS = [
  "BPNL00000004KEST",
  "eva@aurora.example",
  "4012345000009",
  "for Nightjar",
  "c-1",
  "2026-11-22",
  "x",
];

/** A value that nobody can take for another, wherever it comes out. */
const marked = (mark: string): fc.Arbitrary<string> =>
  fc.constantFrom(...TEXTS).map((text) => `${text} ${mark}`);
/** One for each field; none is another one rounded. */
const NUMBERS = { a: 7_007_001, b: 8_017_003, list: 9_027_007, map: 6_037_009 } as const;
const MARK = new RegExp(`mark[a-z]+|${Object.values(NUMBERS).join("|")}`, "g");
const value = (field: keyof typeof NUMBERS) => fc.oneof(marked(`mark${field}`), fc.constant(NUMBERS[field]));

const anyRecord = fc.record({
  key: marked("markkey"),
  header: marked("markheader"),
  data: fc.record({
    a: value("a"),
    b: value("b"),
    list: fc.array(value("list"), { maxLength: 2 }),
    // Names of a map leave with their value, be it only null: they are no mark.
    map: fc.dictionary(fc.constantFrom("torque", "BPNL00000004KEST"), value("map"), { maxKeys: 2 }),
  }),
});

const textsOf = (node: JsonNode | undefined): readonly string[] => (node === undefined ? [] : textsIn(node));

/** The marks of all that a verdict lets out. */
function marksIn(verdict: Verdict): ReadonlySet<string> {
  if (verdict.effect === "deny") return new Set();
  const { data, key, headers } = verdict;
  const around = [key, ...headers.map(([, each]) => each)].map((each) => Buffer.from(each ?? []).toString());
  return new Set([...textsOf(data), ...around].flatMap((text) => text.match(MARK) ?? []));
}

const RUNS = { numRuns: 500 };

describe("one module more", () => {
  it.each([...MODULES.keys()])("%s: the plan is no wider", (name) => {
    const added = fc.oneof(goodSettings, anySettings).filter(([use]) => use === name);
    fc.assert(
      fc.property(anyInput, fc.array(goodSettings, { maxLength: 2 }), added, (given, before, more) => {
        const plan = (modules: readonly ModuleUse[]) =>
          compileWith({ ...given, bundles: [bundle(...modules)] }, MODULES);
        const without = before.map(asUse);
        expectNoWider(plan([...without, asUse(more)]), plan(without));
      }),
      { numRuns: 100 },
    );
  });

  it("lets nothing out that stayed, and permits nothing that was denied", () => {
    let shown = 0;
    const given = fc.tuple(anyInput, fc.array(goodSettings, { maxLength: 2 }), goodSettings, anyRecord);
    fc.assert(
      fc.property(given, ([terms, before, more, { key, header, data }]) => {
        const decide = (modules: readonly ModuleUse[]) =>
          evaluate(
            compilePlan({ ...terms, bundles: [bundle(...modules)] }),
            facts(toNode(data), { key: Buffer.from(key), headers: [["note", Buffer.from(header)]] }),
            keys,
          );
        const without = before.map(asUse);
        const [wide, narrow] = [decide(without), decide([...without, asUse(more)])];
        if (wide.effect === "deny") expect(narrow.effect).toBe("deny");
        const left = marksIn(wide);
        if (left.size > 0) shown += 1;
        for (const mark of marksIn(narrow)) expect(left).toContain(mark);
      }),
      RUNS,
    );
    expect(shown).toBeGreaterThan(RUNS.numRuns / 10);
  });
});

describe("the order of modules", () => {
  it("makes no difference to the plan", () => {
    fc.assert(
      fc.property(anyInput, fc.array(goodSettings, { maxLength: 5 }), (given, modules) => {
        const digest = (all: readonly ModuleUse[]) =>
          compilePlan({ ...given, bundles: [bundle(...all)] }).digest;
        expect(digest(modules.map(asUse).toReversed())).toBe(digest(modules.map(asUse)));
      }),
      RUNS,
    );
  });
});

describe("the comparison of plans", () => {
  const terms = input(
    contract({ a: { action: { action: "share" }, types: ["string"] } }, { key: { action: "share" } }),
  );
  const plan = (...modules: readonly ModuleUse[]) => compilePlan({ ...terms, bundles: [bundle(...modules)] });

  it.each([
    ["fields", uses("free-text", { where: "everywhere" })],
    ["screens", uses("free-text", { screen: { canaries: ["c-1"] }, where: "everywhere" })],
    ["denials", uses("export-control", { unclassified: "deny" })],
    ["conditions", uses("scope", [{ field: "/a", op: "exists" }])],
    ["validity", uses("validity", { maxDays: 1 })],
    ["age", uses("quotas", { replayDays: 1 })],
    ["limits", uses("limits", { depthMax: 1 })],
    ["quota", uses("quotas", { recordsPerSecond: 1 })],
    ["key", uses("headers-and-key", { key: "drop" })],
    ["timestamp", uses("headers-and-key", { timestamp: "day" })],
    ["tombstones", uses("tombstones", { action: "deny" })],
  ])("sees wider %s", (_, module) => {
    expect(() => expectNoWider(plan(), plan(module))).toThrow();
    expectNoWider(plan(module), plan());
  });
});
