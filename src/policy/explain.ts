import type { PolicyPlan } from "../kernel/plan.ts";
import { explainEnvelope } from "./explain-envelope.ts";
import { type ExplainedField, explainField } from "./explain-field.ts";
import { type ExplainedReason, explainReason } from "./explain-reason.ts";
import { comparePlans, type RulePlaces } from "./explain-sources.ts";
import { type ExplainedTerm, explainTerms } from "./explain-terms.ts";
import { fieldsFrom } from "./field-tree.ts";
import { compilePlan, type PlanInput } from "./plan.ts";

/** A plan as people can read it. */
export interface Explanation {
  readonly plan: PolicyPlan;
  /** Every field of the contract in its order, then key, headers, timestamp and attributes: what leaves if nothing denies it. */
  readonly fields: readonly ExplainedField[];
  readonly terms: readonly ExplainedTerm[];
  /** Why nothing leaves at all; none: records are decided one by one. */
  readonly denials: readonly ExplainedReason[];
}

/** Without the files nobody knows the places of what stands in no bundle and no field. */
const NO_PLACES: RulePlaces = {
  contract: () => undefined,
  clearance: undefined,
  agreement: () => undefined,
};

/**
 * The plan for this input, and of every part of it which rule decides, where that stands, and what it would take to change it. What a
 * rule does is seen by compiling without it, so it is told truly whatever the rules are; `compile` is the gateway's.
 */
export function explainPlan(
  input: PlanInput,
  places: RulePlaces = NO_PLACES,
  compile: (input: PlanInput) => PolicyPlan = compilePlan,
): Explanation {
  const comparison = comparePlans(input, places, compile);
  const fields = [...fieldsFrom(input.contract.root)].filter(({ path }) => path !== "");
  const { plan } = comparison;
  return {
    plan,
    fields: [...fields.map((field) => explainField(field, comparison)), ...explainEnvelope(comparison)],
    terms: explainTerms(comparison),
    denials: plan.denials.map((reason) => explainReason(reason, { ...input, places })),
  };
}
