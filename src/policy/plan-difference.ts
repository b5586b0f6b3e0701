import type { PolicyPlan } from "../kernel/plan.ts";
import { envelopeChanges } from "./envelope-difference.ts";
import { fieldChanges } from "./field-difference.ts";
import type { Direction, PlanChange, Verdict } from "./plan-change.ts";

export type { Direction, PlanChange, Verdict } from "./plan-change.ts";

const DIRECTIONS: readonly Direction[] = ["widened", "changed", "narrowed", "neutral"];
const VERDICTS: readonly Verdict[] = ["breaking", "widening", "narrowing", "neutral"];

/**
 * All in which two plans differ, what widens first. The plans may be of two versions of a contract, of two states of the policies, or
 * both. Where nothing is `widened` or `changed`, nothing leaves by `next` that would not leave by `old`, unless `old` denies
 * the record for a field that `next` takes away.
 */
export function planDifference(old: PolicyPlan, next: PolicyPlan): readonly PlanChange[] {
  const changes = [...envelopeChanges(old, next), ...fieldChanges(old.root, next.root)];
  const rank = ({ direction }: PlanChange): number => DIRECTIONS.indexOf(direction);
  return changes.toSorted((one, other) => rank(one) - rank(other));
}

/** Can it be shown that no more leaves? */
export const widens = (changes: readonly PlanChange[]): boolean =>
  changes.some(({ direction }) => direction === "widened" || direction === "changed");

/** The gravest of the verdicts. */
export const verdictOn = (changes: readonly PlanChange[]): Verdict =>
  VERDICTS.find((verdict) => changes.some((change) => change.verdict === verdict)) ?? "neutral";
