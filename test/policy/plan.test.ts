import { describe, expect, it } from "vitest";
import { digestOf } from "../../src/kernel/digest.ts";
import { done } from "../../src/kernel/result.ts";
import type { ModuleRules, PolicyModule } from "../../src/policy/module.ts";
import { compilePlan, compileWith, type PlanInput } from "../../src/policy/plan.ts";
import {
  agreement,
  bundle,
  contract,
  HELIX,
  input,
  number,
  partner,
  ruleAt,
  share,
  text,
  uses,
} from "./sample.ts";

const simple = contract({
  a: text(share),
  n: number(share, { class: "confidential" }),
  secret: text(share, { class: "restricted" }),
});
const plan = (changed: Partial<PlanInput> = {}) => compilePlan(input(simple, changed));

describe("a plan's denials", () => {
  it("are none for an active agreement on an active contract", () => {
    expect(plan().denials).toEqual([]);
    expect(plan({ agreement: agreement({ status: "approved" }) }).denials).toEqual([]);
    expect(compilePlan(input({ ...simple, status: "deprecated" })).denials).toEqual([]);
  });

  it.each([
    ["requested", "AGREEMENT_NOT_ACTIVE"],
    ["rejected", "AGREEMENT_NOT_ACTIVE"],
    ["suspended", "AGREEMENT_NOT_ACTIVE"],
    ["revoked", "AGREEMENT_NOT_ACTIVE"],
    ["expired", "AGREEMENT_NOT_ACTIVE"],
  ] as const)("say of an agreement that is %s: %s", (status, code) => {
    expect(plan({ agreement: agreement({ status }) }).denials).toEqual([{ code }]);
  });

  it.each([
    [agreement({ consumer: "urn:duns:123456789" }), "AGREEMENT_NOT_ACTIVE"],
    [agreement({ provider: HELIX }), "CONTRACT_NOT_ACTIVE"],
    [agreement({ contractDigest: "sha-256:other" }), "CONTRACT_NOT_ACTIVE"],
    [agreement({ contractVersion: "2.0.0" }), "CONTRACT_NOT_ACTIVE"],
    [agreement({ contractName: "other" }), "CONTRACT_NOT_ACTIVE"],
    [agreement({ purpose: "cx.puris.base" }), "PURPOSE_NOT_ALLOWED"],
    [agreement({ narrow: new Map([["no pointer", { action: "drop" }]]) }), "POLICY_INVALID"],
  ])("are there for an agreement on something else (%#)", (given, code) => {
    expect(plan({ agreement: given }).denials.map((each) => each.code)).toEqual([code]);
  });

  it("are reported together", () => {
    const given = { ...simple, status: "retired" } as const;
    const { denials } = compilePlan(
      input(given, { purpose: "cx.other", agreement: agreement({ status: "revoked" }) }),
    );
    expect(denials.map(({ code }) => code)).toEqual([
      "AGREEMENT_NOT_ACTIVE",
      "CONTRACT_NOT_ACTIVE",
      "PURPOSE_NOT_ALLOWED",
    ]);
  });

  it("do not miss an agreement in a preview, which has no bounds of time", () => {
    expect(plan({ agreement: undefined })).toMatchObject({
      agreement: undefined,
      denials: [],
      validity: { from: 0, until: Number.MAX_SAFE_INTEGER },
    });
  });
});

describe("a plan's digest", () => {
  it("is over all of the rest", () => {
    const { digest, ...rest } = plan();
    expect(digest).toBe(digestOf(JSON.parse(JSON.stringify(rest))));
  });

  it("changes with the epoch of the pseudonyms, the partner and the bundles' digests", () => {
    const digests = [
      plan(),
      plan({ pseudonymEpoch: 2 }),
      plan({ partner: partner({ clearance: "internal" }) }),
      plan({ bundles: [bundle()] }),
      plan({ bundles: [{ ...bundle(), digest: "sha-256:b1" }] }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("does not change with a bundle for what comes in", () => {
    expect(plan({ bundles: [{ ...bundle(uses("categories", {})), direction: "inbound" }] }).digest).toBe(
      plan().digest,
    );
  });
});

describe("a partner's clearance", () => {
  it("holds without any bundle, and whatever the action makes of the value", () => {
    const { root } = plan();
    expect([ruleAt(root, "a"), ruleAt(root, "n"), ruleAt(root, "secret")]).toEqual([
      "share by contract",
      "share by contract",
      "drop by clearance",
    ]);
    const aliased = contract({ v: text({ action: "pseudonymize" }, { class: "restricted" }) });
    expect(ruleAt(compilePlan(input(aliased)).root, "v")).toBe("drop by clearance");
  });
});

describe("a received stream", () => {
  const received = { from: HELIX, contract: "parts", onwardSharing: "forbidden" } as const;

  it("whose publisher forbids it is published by nobody else", () => {
    expect(plan({ received }).denials).toEqual([{ code: "ONWARD_SHARING" }]);
    expect(plan({ received: { ...received, onwardSharing: "allowed" } }).denials).toEqual([]);
  });

  it("hands its label on: what one forbids nobody allows", () => {
    const open = compilePlan(input({ ...simple, onwardSharing: "allowed" }));
    expect([open.onwardSharing, plan().onwardSharing]).toEqual(["allowed", "forbidden"]);
    expect(compilePlan(input({ ...simple, onwardSharing: "allowed" }, { received })).onwardSharing).toBe(
      "forbidden",
    );
  });
});

describe("bounds", () => {
  const bounded = (...rules: readonly ModuleRules[]) => {
    const modules = rules.map(
      (each, index): PolicyModule => ({
        name: `m${index}`,
        version: "1",
        settingsSchema: {},
        describe: "",
        compile: () => done(each),
      }),
    );
    const used = bundle(...modules.map(({ name }) => uses(name, {})));
    const given = input(simple, {
      bundles: [used],
      agreement: agreement({ quota: { recordsPerSecond: 50 } }),
    });
    return compileWith(given, new Map(modules.map((module) => [module.name, module])));
  };

  it("are the narrowest of all", () => {
    const { quota, age } = bounded(
      { quota: { recordsPerSecond: 20, bytesPerSecond: 5 }, age: { leastMs: 1, mostMs: 9 } },
      { quota: { recordsPerSecond: 80, alarmRecordsPerHour: 7 }, age: { leastMs: 3, mostMs: 8 } },
    );
    expect(quota).toEqual({ recordsPerSecond: 20, bytesPerSecond: 5, alarmRecordsPerHour: 7 });
    expect(age).toEqual({ leastMs: 3, mostMs: 8 });
  });

  it("are none where nobody sets one", () => {
    expect(bounded({})).toMatchObject({ quota: { recordsPerSecond: 50 }, age: { leastMs: 0 } });
    expect(bounded({}).age.mostMs).toBeUndefined();
  });
});

describe("a partner's key", () => {
  const enc = { kid: "k1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x: "AA" } } as const;
  const fields = contract({ v: text({ action: "encrypt", keyRole: "q" }, { categories: ["person"] }) });
  const holder = partner({ card: { ...partner().card, keys: [enc] } });

  it("is what fields are encrypted for; without one they are dropped, whatever else is demanded", () => {
    expect(ruleAt(compilePlan(input(fields, { partner: holder })).root, "v")).toBe("encrypt by contract");
    expect(ruleAt(compilePlan(input(fields)).root, "v")).toBe("drop by encrypt");
    const bundles = [bundle(uses("categories", { person: "null" }))];
    expect(ruleAt(compilePlan(input(fields, { bundles })).root, "v")).toBe("drop by encrypt");
    expect(ruleAt(compilePlan(input(fields, { partner: holder, bundles })).root, "v")).toBe(
      "null by infosec/categories",
    );
  });

  it("is part of the plan", () => {
    expect(compilePlan(input(fields, { partner: holder })).recipient).toEqual({ kid: "k1", x: "AA" });
    expect(compilePlan(input(fields)).recipient).toBeUndefined();
  });
});

describe("a bundle in shadow", () => {
  it("decides nothing", () => {
    const shadow = { ...bundle(uses("no-such-module", {})), mode: "shadow" } as const;
    expect(plan({ bundles: [shadow] }).digest).toBe(plan().digest);
  });
});
