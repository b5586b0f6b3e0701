import { frameSummaries } from "../../src/audit/frame-summary.ts";
import { reconcile } from "../../src/audit/reconcile.ts";
import type { Reconciliation } from "../../src/audit/reconciliation.ts";
import { beginningIn } from "../../src/audit/segments.ts";
import { AGREEMENT } from "../mesh/two-companies.ts";
import type { Gateways } from "./two-gateways.ts";

/** Both logs of the agreement held against each other, with what the subscriber's log knows of resets and replays. */
export async function reconciled({
  aurora,
  helix,
}: Pick<Gateways, "aurora" | "helix">): Promise<Reconciliation> {
  const publisher = await Array.fromAsync(aurora.log());
  const subscriber = await Array.fromAsync(helix.log());
  return reconcile(
    AGREEMENT,
    frameSummaries(publisher, AGREEMENT, "publisher"),
    frameSummaries(subscriber, AGREEMENT, "subscriber"),
    subscriber.flatMap((decision) => beginningIn(decision, AGREEMENT) ?? []),
  );
}
