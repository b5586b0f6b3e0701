import { describe, expect, it } from "vitest";
import { digestOf } from "../../src/kernel/digest.ts";
import { compilePlan, type PlanInput } from "../../src/policy/plan.ts";
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
