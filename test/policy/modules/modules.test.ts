import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Category, Classification } from "../../../src/kernel/contract.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { compilePlan, type PlanInput } from "../../../src/policy/plan.ts";
import { MODULES } from "../../../src/policy/registry.ts";
import { agreement, bundle, contract, input, number, partner, share, text, uses } from "../sample.ts";
import { anySettings } from "./any-settings.ts";
import { factsOf } from "./facts.ts";
import { SETTINGS } from "./settings-samples.ts";

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

/** What `lint` and editors say of the settings. */
const ajv = formats.default(new Ajv2020({ strict: false }));
const validators = new Map(
  [...MODULES].map(([name, { settingsSchema }]) => [name, ajv.compile(settingsSchema)]),
);
const isAllowed = (use: string, settings: Json): boolean => validators.get(use)?.(settings) === true;

const DROP = { action: "drop" };

describe("every module", () => {
  it("is in the registry under its own name, with settings in this test", () => {
    expect([...MODULES.keys()].sort()).toEqual(Object.keys(SETTINGS).sort());
    for (const [name, module] of MODULES)
      expect(module).toMatchObject({ name, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  it.each(Object.entries(SETTINGS))(
    "%s takes what its schema allows, and denies everything for what it does not",
    (use, { good, bad }) => {
      for (const settings of good) {
        const { denials } = plan(use, settings);
        expect([settings, isAllowed(use, settings)]).toEqual([settings, true]);
        expect([settings, denials.map(({ code }) => code)]).not.toEqual([settings, ["POLICY_INVALID"]]);
      }
      for (const settings of bad) {
        const denials = [{ code: "POLICY_INVALID", module: `infosec/${use}` }];
        expect([settings, isAllowed(use, settings), plan(use, settings).denials]).toEqual([
          settings,
          false,
          denials,
        ]);
      }
    },
  );

  it("refuses just what its schema refuses, whatever stands in the settings", () => {
    fc.assert(
      fc.property(anySettings, ([use, settings]) => {
        const compiled = MODULES.get(use)?.compile(settings, factsOf(subject));
        expect([settings, compiled?.ok]).toEqual([settings, isAllowed(use, settings)]);
      }),
      { numRuns: 3000 },
    );
  });
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

  it("ends days before the agreement does", () => {
    expect(bounds({ lastDaysClosed: 14 }).until).toBe(endsAt - 14 * 86_400_000);
    expect(bounds({ lastDaysClosed: 14, notAfter: "2026-12-20" }).until).toBe(Date.UTC(2026, 11, 20));
    expect(bounds({ lastDaysClosed: 14 }, { agreement: undefined }).until).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("counts days from the agreement's start", () => {
    expect(bounds({ maxDays: 90 }).until).toBe(startsAt + 90 * 86_400_000);
    expect(bounds({ maxDays: 90 }, { agreement: undefined }).until).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("limits", () => {
  it("takes the smaller of its own and the contract's", () => {
    expect(plan("limits", { recordBytesMax: 10, depthMax: 100 }).limits).toEqual({
      bytesMax: 10,
      depthMax: 16,
      arrayLengthMax: 100,
    });
  });
});
