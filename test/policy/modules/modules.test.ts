import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { Category, Classification } from "../../../src/kernel/contract.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { compilePlan, type PlanInput } from "../../../src/policy/plan.ts";
import { MODULES } from "../../../src/policy/registry.ts";
import { agreement, bundle, contract, input, number, partner, share, text, uses } from "../sample.ts";

const labelled = (category: Category, rest: { class?: Classification } = {}) =>
  text(share, { categories: [category], ...rest });
const subject = contract({
  plain: text(share),
  who: labelled("person"),
  price: number(share, { categories: ["price", "volume"] }),
  amount: number({ action: "round", multiple: 100, mode: "half-even" }, { categories: ["volume"] }),
  box: { types: ["object"], members: { deep: labelled("person", { class: "confidential" }) } },
});

const plan = (use: string, settings: Json, changed: Partial<PlanInput> = {}, when = {}) =>
  compilePlan(input(subject, { bundles: [bundle(uses(use, settings, when))], ...changed }));

/** Field → action, for the fields that a module changed. */
const changed = (use: string, settings: Json, given: Partial<PlanInput> = {}) => {
  const { members } = plan(use, settings, given).root;
  const entries = Object.entries({ ...members, ...members.box?.members });
  return Object.fromEntries(
    entries.flatMap(([name, { action, by }]) => (by.includes("infosec") ? [[name, action]] : [])),
  );
};

const INVALID = [{ code: "POLICY_INVALID", module: "infosec/" }];
const DROP = { action: "drop" };

/** Module → settings that it takes, and settings that it refuses. */
const SETTINGS: Readonly<Record<string, readonly [good: readonly Json[], bad: readonly Json[]]>> = {
  "classification-ceiling": [
    [{}, { otherwise: "null" }, { max: "internal", otherwise: { action: "constant", value: 0 } }],
    [{ max: "secret" }, { otherwise: "round" }, { other: 1 }, [], "x"],
  ],
  categories: [
    [{}, { price: "drop", volume: { action: "round", multiple: 10, mode: "floor" } }],
    [
      { prize: "drop" },
      { price: "hide" },
      { price: { action: "round", multiple: 10 } },
      { price: { action: "drop", extra: 1 } },
    ],
  ],
  purpose: [
    [{ allow: {} }, { allow: { price: ["cx.dcm.base"] }, otherwise: "null" }],
    [{}, { allow: { prize: [] } }, { allow: { price: "cx.dcm.base" } }, { allow: [], otherwise: "drop" }],
  ],
  scope: [
    [[], [{ field: "/plain", op: "equals", ref: "partner.id" }], [{ field: "/plain", op: "exists" }]],
    [
      {},
      [{ field: "/plain", op: "like", value: "x" }],
      [{ field: "/plain" }],
      [{ field: 1, op: "exists" }],
      [1],
    ],
  ],
  validity: [
    [{}, { notBefore: "2026-12-01T00:00:00Z", notAfter: "2027-12-01T00:00:00+01:00", maxDays: 90 }],
    [{ notBefore: 5 }, { maxDays: 0 }, { maxDays: "1" }, { until: "2026-12-01T00:00:00Z" }],
  ],
  limits: [
    [{}, { recordBytesMax: 1, depthMax: 2, arrayLengthMax: 3 }],
    [{ recordBytesMax: 0 }, { depthMax: 1.5 }, { bytesMax: 1 }],
  ],
};

describe("every module", () => {
  it("is in the registry under its own name, with settings in this test", () => {
    expect([...MODULES.keys()].sort()).toEqual(Object.keys(SETTINGS).sort());
    for (const [name, module] of MODULES)
      expect(module).toMatchObject({ name, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it.each(Object.entries(SETTINGS))(
    "%s takes what its schema allows, and denies everything for what it does not",
    (use, [good, bad]) => {
      const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
        MODULES.get(use)?.settingsSchema ?? false,
      );
      for (const settings of good) {
        expect([settings, validate(settings), plan(use, settings).denials]).toEqual([settings, true, []]);
      }
      for (const settings of bad) {
        const denials = INVALID.map((each) => ({ ...each, module: `infosec/${use}` }));
        expect([settings, validate(settings), plan(use, settings).denials]).toEqual([
          settings,
          false,
          denials,
        ]);
      }
    },
  );
});

describe("classification-ceiling", () => {
  it("lowers the ceiling under the partner's clearance", () => {
    expect(changed("classification-ceiling", { max: "internal", otherwise: "null" })).toEqual({
      deep: { action: "null" },
    });
    expect(changed("classification-ceiling", { max: "public" })).toMatchObject({ plain: DROP, box: DROP });
  });

  it("can't raise it above the clearance", () => {
    const given = { partner: partner({ clearance: "internal" }) };
    const { root } = plan("classification-ceiling", { max: "restricted", otherwise: "share" }, given);
    expect(root.members.box).toMatchObject({ action: DROP, by: "clearance" });
  });
});

describe("categories", () => {
  it("does to each field what is said of its categories, the stricter for several", () => {
    const round = { action: "round", multiple: 1000, mode: "half-even" };
    expect(changed("categories", { volume: round, price: "null", person: "pseudonymize" })).toEqual({
      amount: round,
      price: { action: "null" },
      who: { action: "pseudonymize" },
      deep: { action: "pseudonymize" },
    });
  });
});

describe("purpose", () => {
  it("closes a category to every other purpose", () => {
    expect(changed("purpose", { allow: { volume: ["cx.puris.base"] }, otherwise: "null" })).toMatchObject({
      amount: { action: "null" },
      price: { action: "null" },
    });
    expect(changed("purpose", { allow: { volume: ["cx.dcm.base"] } })).toEqual({});
  });
});

describe("scope", () => {
  it("concerns the contracts that list its field", () => {
    const rules = [
      { field: "/who", op: "equals", ref: "partner.id.local" },
      { field: "/not-here", op: "exists" },
    ];
    expect(plan("scope", rules).conditions).toEqual([
      { module: "infosec/scope", field: "/who", op: "equals", values: ["BPNL00000007QWER"] },
    ]);
  });
});

describe("validity", () => {
  const bounds = (settings: Json, given: Partial<PlanInput> = {}) =>
    plan("validity", settings, given).validity;
  const { startsAt, endsAt } = agreement();

  it("narrows the agreement's time, and never widens it", () => {
    expect(bounds({ notBefore: "2026-12-10T00:00:00Z", notAfter: "2026-12-20" })).toEqual({
      from: Date.UTC(2026, 11, 10),
      until: Date.UTC(2026, 11, 20),
    });
    expect(bounds({ notBefore: "2020-01-01T00:00:00Z", notAfter: "2040-01-01T00:00:00Z" })).toEqual({
      from: startsAt,
      until: endsAt,
    });
  });

  it("counts days from the agreement's start", () => {
    expect(bounds({ maxDays: 90 }).until).toBe(startsAt + 90 * 86_400_000);
    expect(bounds({ maxDays: 90 }, { agreement: undefined }).until).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("limits", () => {
  it("takes the smaller of its own and the contract's", () => {
    expect(plan("limits", { recordBytesMax: 10, depthMax: 1000 }).limits).toEqual({
      bytesMax: 10,
      depthMax: 16,
      arrayLengthMax: 100,
    });
  });
});
