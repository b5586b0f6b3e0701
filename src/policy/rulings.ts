import { CLASSIFICATIONS, type Classification } from "../kernel/contract.ts";
import type { ModuleUse, PolicyBundle } from "../kernel/policy-bundle.ts";
import type { Reason } from "../kernel/reason.ts";
import { failed, type Result } from "../kernel/result.ts";
import { leavesOf } from "./field-tree.ts";
import type { FieldDemand, ModuleRules, PlanFacts, PolicyModule } from "./module.ts";
import { selects } from "./selector.ts";
import { areSound } from "./soundness.ts";

/** What one source of rules demands. */
export interface Ruling {
  /** `agreement`, `clearance` or `bundle/module`. */
  readonly by: string;
  readonly rules: ModuleRules;
}

/** All that narrows a contract, and of it what holds without any bundle or agreement. */
export interface Rulings {
  readonly all: readonly Ruling[];
  readonly base: readonly Ruling[];
}

/** Everything that narrows the contract for these facts. A source that fails is a ruling that denies. */
export function rulingsFor(
  facts: PlanFacts,
  bundles: readonly PolicyBundle[],
  modules: ReadonlyMap<string, PolicyModule>,
): Rulings {
  const uses = bundles.flatMap((bundle) =>
    bundle.modules
      .filter(({ when }) => selects(when, facts))
      .map((use) => ({
        by: `${bundle.name}/${use.use}`,
        rules: rulesOf(`${bundle.name}/${use.use}`, use, facts, modules),
      })),
  );
  const base = [clearanceRuling(facts)];
  return { all: [...base, agreementRuling(facts), ...uses], base };
}

/** Is the first classification above the second? */
export const isAbove = (one: Classification, other: Classification): boolean =>
  CLASSIFICATIONS.indexOf(one) > CLASSIFICATIONS.indexOf(other);

/** The leaves above a classification, each with what must be done to it. */
export function demandAbove(
  facts: PlanFacts,
  most: Classification,
  demand: FieldDemand["action"],
): FieldDemand[] {
  return leavesOf(facts.contract.root)
    .filter(({ classification }) => isAbove(classification, most))
    .map(({ path }) => ({ path, action: demand }));
}

/** What the partner is not cleared for stays, whatever an action would make of it. Holds without any bundle. */
const clearanceRuling = (facts: PlanFacts): Ruling => ({
  by: "clearance",
  rules: { fields: demandAbove(facts, facts.partner.clearance, { action: "drop" }) },
});

function agreementRuling({ agreement }: PlanFacts): Ruling {
  const fields = [...(agreement?.narrow ?? [])].map(([path, action]) => ({ path, action }));
  const rules = { fields };
  return {
    by: "agreement",
    rules: areSound(rules) ? rules : denial({ code: "POLICY_INVALID", module: "agreement" }),
  };
}

function rulesOf(
  by: string,
  { use, with: settings }: ModuleUse,
  facts: PlanFacts,
  modules: ReadonlyMap<string, PolicyModule>,
): ModuleRules {
  const module = modules.get(use);
  if (module === undefined) return denial({ code: "POLICY_UNKNOWN", module: by });
  const compiled = compileSafely(module, settings, facts);
  if (compiled.ok) return { ...compiled.value, denials: namedBy(by, compiled.value.denials ?? []) };
  return { denials: namedBy(by, compiled.fault.length > 0 ? compiled.fault : [{ code: "POLICY_INVALID" }]) };
}

/** Default deny: an author's mistake must not let anything through. */
function compileSafely(
  module: PolicyModule,
  settings: ModuleUse["with"],
  facts: PlanFacts,
): Result<ModuleRules, readonly Reason[]> {
  try {
    const compiled = module.compile(settings, facts);
    return !compiled.ok || areSound(compiled.value) ? compiled : failed([{ code: "POLICY_FAILED" }]);
  } catch {
    return failed([{ code: "POLICY_FAILED" }]);
  }
}

/** A module speaks in no other rule's name. */
const namedBy = (by: string, reasons: readonly Reason[]): Reason[] =>
  reasons.map((reason) => ({ ...reason, module: by }));

const denial = (reason: Reason): ModuleRules => ({ denials: [reason] });
