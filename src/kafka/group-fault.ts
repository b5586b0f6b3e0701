import { MeshError } from "../kernel/error.ts";
import { BrokerFault } from "./fault.ts";

/** What a coordinator says to a member of a group that forms anew, or has. */
const REBALANCED: ReadonlySet<string> = new Set([
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "FENCED_INSTANCE_ID",
  "REBALANCE_IN_PROGRESS",
]);

/** The group is in another generation than the one who asks, or about to be. */
export const isRebalance = (error: unknown): boolean =>
  error instanceof BrokerFault && REBALANCED.has(error.fault);

/** Throws LINK_REBALANCED for such an answer, and any other error as it is. */
export function asRebalance(error: unknown): never {
  if (!isRebalance(error)) throw error;
  throw new MeshError("LINK_REBALANCED", "The group of the link has formed anew.", {
    context: { fault: error instanceof BrokerFault ? error.fault : "" },
  });
}
