import type { PolicyPlan } from "../kernel/plan.ts";
import type { RecordHeader } from "../kernel/record.ts";

/**
 * Checked a second time, on the way out: a permit carries no key where the plan drops keys, and no header that the plan does not
 * name. It holds whatever the policy engine does.
 */
export function keepsToPlan(
  permit: { readonly key: Uint8Array | null; readonly headers: readonly RecordHeader[] },
  plan: Pick<PolicyPlan, "key" | "headers">,
): boolean {
  const keyAllowed = permit.key === null || plan.key.rule !== "drop";
  return keyAllowed && permit.headers.every(([name]) => plan.headers.includes(name));
}
