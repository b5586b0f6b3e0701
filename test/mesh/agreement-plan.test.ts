import { beforeEach, describe, expect, test } from "vitest";
import type { PolicyBundle } from "../../src/kernel/policy-bundle.ts";
import { denialTexts, planOf, planParts, shadowPlanOf } from "../../src/mesh/agreement-plan.ts";
import type { Snapshot } from "../../src/mesh/registry/snapshot.ts";
import { bundle, uses } from "../policy/sample.ts";
import { agreed, type Company, NOW, twoCompanies } from "./two-companies.ts";

let aurora: Company;
beforeEach(async () => {
  ({ aurora } = await agreed(await twoCompanies()));
});

const denying = bundle(uses("purpose", { allow: { volume: ["cx.puris.base"] } }));
const withBundle = (value: PolicyBundle): Snapshot => {
  const { name } = value;
  const entry = { kind: "PolicyBundle", name, main: "", files: {}, acceptedAt: "", acceptedBy: "" } as const;
  return aurora.registry.snapshot.with(entry, { kind: "PolicyBundle", name, value });
};

function subjectIn(snapshot: Snapshot) {
  const agreement = aurora.agreement();
  const { contract, partner } = agreement === undefined ? {} : planParts(agreement, snapshot);
  if (agreement === undefined || contract === undefined || partner === undefined)
    throw new Error("The agreement, its contract and its partner are in force.");
  return { agreement, contract, partner };
}
const plan = (snapshot = aurora.registry.snapshot) => planOf(subjectIn(snapshot), snapshot, aurora, NOW);
const shadow = (snapshot: Snapshot) =>
  shadowPlanOf(plan(snapshot), subjectIn(snapshot), snapshot, aurora, NOW);

describe("the plan of an agreement", () => {
  test("has the bundles that are in force, and none in shadow mode", () => {
    expect(plan(withBundle(denying)).digest).not.toBe(plan().digest);
    expect(plan(withBundle({ ...denying, mode: "shadow" })).digest).toBe(plan().digest);
  });

  test("says to the operator by which module and why the whole of it is denied", () => {
    const broken = withBundle(bundle(uses("no-such-module", {})));
    expect(denialTexts(plan(broken))).toEqual([
      "POLICY_UNKNOWN by infosec/no-such-module: A policy bundle names a module that this gateway does not have.",
    ]);
    expect(denialTexts(plan())).toEqual([]);
  });
});

describe("the shadow of a plan", () => {
  test("is what the plan would be with those bundles in force", () => {
    const tried = shadow(withBundle({ ...denying, mode: "shadow" }));
    expect(tried?.digest).toBe(plan(withBundle(denying)).digest);
  });

  test("is not there without such a bundle, nor when it would change nothing", () => {
    expect(shadow(aurora.registry.snapshot)).toBeUndefined();
    expect(shadow(withBundle(denying))).toBeUndefined();
    const elsewhere = bundle(uses("purpose", { allow: {} }, { contracts: ["another"] }));
    expect(shadow(withBundle({ ...elsewhere, mode: "shadow" }))).toBeUndefined();
    expect(shadow(withBundle({ ...denying, mode: "shadow", direction: "inbound" }))).toBeUndefined();
  });

  test("of a bundle whose module is not there denies, and leaves the plan in force as it is", () => {
    const snapshot = withBundle({ ...bundle(uses("no-such-module", {})), mode: "shadow" });
    expect(shadow(snapshot)?.denials).toMatchObject([{ code: "POLICY_UNKNOWN" }]);
    expect(plan(snapshot).denials).toEqual([]);
  });
});
