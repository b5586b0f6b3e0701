import type { PolicyPlan } from "../kernel/plan.ts";
import type { FieldKeys, OpaqueKeys } from "../kernel/ports.ts";

/** Everything that the decision on a record depends on, besides the record and the time: one stream to one partner. */
export interface Route {
  readonly plan: PolicyPlan;
  /** Agreement id. */
  readonly agreement: string;
  /** Company URN of the publisher. */
  readonly owner: string;
  /** Of the source topic, 32 hex digits: event ids change when the topic is made again. */
  readonly topicId: string;
  /** What editing fields needs: pseudonyms of the plan's epoch, and the sealer for the partner. */
  readonly fields: FieldKeys;
  readonly opaque: OpaqueKeys;
}
