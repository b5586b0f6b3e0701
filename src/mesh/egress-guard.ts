import type { PolicyPlan } from "../kernel/plan.ts";
import type { RecordHeader } from "../kernel/record.ts";

/** What the guard looks at of a record that was permitted. */
interface Permit {
  readonly key: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Undefined: a tombstone. */
  readonly data: unknown;
}

/**
 * Checked a second time, on the way out: a permit stands under no plan that denies everything, carries no key where the plan drops
 * keys, no header that the plan does not name, and is no tombstone where none may leave. It holds whatever the policy engine does.
 */
export function keepsToPlan(
  permit: Permit,
  plan: Pick<PolicyPlan, "denials" | "key" | "headers" | "tombstones">,
): boolean {
  const keyAllowed = permit.key === null || plan.key.rule !== "drop";
  const headersAllowed = permit.headers.every(([name]) => plan.headers.includes(name));
  const valueAllowed = permit.data !== undefined || plan.tombstones !== "deny";
  return plan.denials.length === 0 && keyAllowed && headersAllowed && valueAllowed;
}
