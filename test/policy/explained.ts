import type { Contract } from "../../src/kernel/contract.ts";
import type { PolicyBundle } from "../../src/kernel/policy-bundle.ts";
import { done } from "../../src/kernel/result.ts";
import { type Explanation, explainPlan } from "../../src/policy/explain.ts";
import type { RulePlaces } from "../../src/policy/explain-sources.ts";
import type { ModuleRules, PolicyModule } from "../../src/policy/module.ts";
import { compileWith, type PlanInput } from "../../src/policy/plan.ts";
import { bundle, contract, input, number, share, text, uses } from "./sample.ts";

/** A contract with something of everything. */
export const subject = contract(
  {
    a: text(share, { categories: ["identifier"] }),
    gone: text({ action: "drop" }),
    secret: text(share, { class: "restricted" }),
    box: { types: ["object"], action: { action: "null" }, members: { inner: text(share) } },
    list: {
      types: ["array"],
      elements: {
        types: ["object"],
        members: { n: number({ action: "round", multiple: 100, mode: "floor" }) },
      },
    },
    hidden: { types: ["array"], elements: { types: ["object"], members: { x: text({ action: "drop" }) } } },
  },
  {
    key: { from: "pointer", pointer: "/a" },
    headers: ["traceparent"],
    timestamp: { action: "truncate-date", to: "hour" },
    event: { ...contract({}).event, subject: { from: "header", name: "traceparent" } },
  },
);

export const at = (file: string, line: number) => ({ file, line, column: 1 });
export const PLACES: RulePlaces = {
  contract: (property) => at(`contract.odcs.yaml#${property}`, 9),
  clearance: at("partners/helix.yaml", 7),
  agreement: (path) => at(`agreement.yaml#${path}`, 20),
};
/** A bundle whose modules stand in lines 11, 12… of its file. */
export const filed = (...modules: PolicyBundle["modules"]): PolicyBundle =>
  bundle(...modules.map((use, index) => ({ ...use, declared: at("policies/infosec.yaml", 11 + index) })));

/** Without an agreement, unless one is given. */
export const explain = (of: Contract, changed: Partial<PlanInput> = {}): Explanation =>
  explainPlan(input(of, { agreement: undefined, ...changed }), PLACES);
/** The subject under a module of the test's own that demands just this. */
export const demanding = (rules: ModuleRules): Explanation => {
  const odd: PolicyModule = {
    name: "odd",
    version: "1.0.0",
    settingsSchema: {},
    describe: "",
    compile: () => done(rules),
  };
  const given = input(subject, { bundles: [filed(uses("odd", {}))] });
  return explainPlan(given, PLACES, (each) => compileWith(each, new Map([["odd", odd]])));
};
