import type { PolicyPlan } from "../kernel/plan.ts";
import type { OpaqueKeys, PseudonymKeys } from "../kernel/ports.ts";

/** Everything that the decision on a record depends on, besides the record and the time: one stream to one partner. */
export interface Route {
  readonly plan: PolicyPlan;
  /** Agreement id. */
  readonly agreement: string;
  /** Company URN of the publisher. */
  readonly owner: string;
  /** Of the source topic, 32 hex digits: event ids change when the topic is made again. */
  readonly topicId: string;
  readonly pseudonyms: PseudonymKeys;
  readonly opaque: OpaqueKeys;
}
