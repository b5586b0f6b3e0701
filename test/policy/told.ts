import type { PolicyPlan } from "../../src/kernel/plan.ts";
import { planDifference } from "../../src/policy/plan-difference.ts";

/** `place aspect direction verdict: before → after`. */
export const told = (old: PolicyPlan, next: PolicyPlan): readonly string[] =>
  planDifference(old, next).map(
    ({ place, aspect, direction, verdict, before, after }) =>
      `${place} ${aspect} ${direction} ${verdict}: ${before.says} → ${after.says}`,
  );
