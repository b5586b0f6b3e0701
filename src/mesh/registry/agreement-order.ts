import { LIVE_STATES } from "../../kernel/agreement.ts";
import type { RegistryEntry } from "./entry.ts";
import type { Registered } from "./snapshot.ts";

interface Held {
  readonly entry: Pick<RegistryEntry, "acceptedBy">;
  readonly registered: Registered;
}

/**
 * Whether an entry may come after the one that is held of the same name. Processes of one gateway write without asking each other, so that
 * the order of the log decides: what has ended goes on for nobody, and what the operator has suspended for the operator alone.
 */
export function mayFollow(before: Held | undefined, after: Held): boolean {
  if (before?.registered.kind !== "AccessAgreement" || after.registered.kind !== "AccessAgreement")
    return true;
  if (!LIVE_STATES.has(after.registered.value.status)) return true;
  const { status } = before.registered.value;
  if (!LIVE_STATES.has(status)) return false;
  return (
    status !== "suspended" || before.entry.acceptedBy !== "operator" || after.entry.acceptedBy === "operator"
  );
}
