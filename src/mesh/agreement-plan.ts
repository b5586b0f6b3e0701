import type { Agreement } from "../kernel/agreement.ts";
import type { Partner } from "../kernel/company.ts";
import type { Contract } from "../kernel/contract.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { PolicyBundle } from "../kernel/policy-bundle.ts";
import { REASONS, type Reason } from "../kernel/reason.ts";
import { compileWith, type PlanInput } from "../policy/plan.ts";
import type { KeyRing } from "../tenants/key-ring.ts";
import { factsAbout } from "./plan-facts.ts";
import type { Registry } from "./registry/registry.ts";
import type { Snapshot } from "./registry/snapshot.ts";

/** Whose plans they are. */
export interface PlanOwner {
  /** Own company URN. */
  readonly owner: string;
  readonly keys: Pick<KeyRing, "pseudonyms">;
  /** What names of replica topics begin with, before the partner's name. */
  readonly topicPrefix: string;
  /** For the modules that its bundles were read with. */
  readonly registry: Pick<Registry, "modules">;
}

/** An agreement with the two things without which it has no plan. */
export interface PlanSubject {
  readonly agreement: Agreement;
  readonly contract: Contract;
  readonly partner: Partner;
}

/** The subject as the registry holds it; what is not there any more is undefined. */
export const planParts = (
  { contractName, contractVersion, consumer }: Agreement,
  snapshot: Snapshot,
): { readonly contract: Contract | undefined; readonly partner: Partner | undefined } => ({
  contract: snapshot.find("DataContract", `${contractName}@${contractVersion}`)?.value,
  partner: snapshot.partner(consumer),
});

/** The plan of an agreement as the registry stands; `now` in ms since 1970. Bundles in shadow mode are no part of it. */
export const planOf = (subject: PlanSubject, snapshot: Snapshot, owner: PlanOwner, now: number): PolicyPlan =>
  compileWith(planInput(subject, snapshot, owner, now), owner.registry.modules);

/** The plan as it would be with the bundles in shadow mode in force; undefined when it would be the same. Never throws. */
export function shadowPlanOf(
  plan: PolicyPlan,
  subject: PlanSubject,
  snapshot: Snapshot,
  owner: PlanOwner,
  now: number,
): PolicyPlan | undefined {
  const input = planInput(subject, snapshot, owner, now);
  if (!input.bundles.some(({ mode, direction }) => mode === "shadow" && direction === "outbound"))
    return undefined;
  const bundles = input.bundles.map((bundle): PolicyBundle => ({ ...bundle, mode: "enforced" }));
  try {
    const shadow = compileWith({ ...input, bundles }, owner.registry.modules);
    return rulesOf(shadow) === rulesOf(plan) ? undefined : shadow;
  } catch {
    // What is in force must not fail with what is only tried.
    return undefined;
  }
}

/** All of a plan but what it is made of. */
const rulesOf = (plan: PolicyPlan): string => JSON.stringify({ ...plan, digest: "", bundles: [] });

function planInput(
  { agreement, contract, partner }: PlanSubject,
  snapshot: Snapshot,
  { owner, keys, topicPrefix }: PlanOwner,
  now: number,
): PlanInput {
  const company = {
    owner,
    topicPrefix,
    contracts: snapshot.all("DataContract").map(({ value }) => value),
    partners: snapshot.all("Partner").map(({ value }) => value),
    agreements: snapshot.all("AccessAgreement"),
  };
  return {
    contract,
    partner,
    agreement,
    purpose: agreement.purpose,
    bundles: snapshot.all("PolicyBundle").map(({ value }) => value),
    pseudonymEpoch: keys.pseudonyms.epoch,
    ...factsAbout(contract, agreement.id, company, now),
  };
}

/** Why a whole plan is denied, for the operator: code, the module that says so, and what it means. */
export const denialTexts = ({ denials }: Pick<PolicyPlan, "denials">): readonly string[] =>
  denials.map(
    ({ code, module }: Reason) => `${code}${module === undefined ? "" : ` by ${module}`}: ${REASONS[code]}`,
  );
