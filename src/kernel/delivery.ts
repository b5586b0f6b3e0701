/** How a stream comes to its subscriber: its gateway fetches it, or the publisher's writes into its Kafka. */
export const DELIVERIES = ["pull", "push"] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** What a push link promises its reader: every record once, or, without transactions, at least once. */
export const PUSH_GUARANTEES = ["exactly-once", "at-least-once"] as const;
export type PushGuarantee = (typeof PUSH_GUARANTEES)[number];

/** `mesh.push` of a contract: the least that a push must promise; `none`: the stream is not pushed at all. */
export const PUSH_RULES = ["none", ...PUSH_GUARANTEES] as const;
export type PushRule = (typeof PUSH_RULES)[number];

/** Does a push that promises this keep to the contract's rule? */
export const keepsTo = (rule: PushRule, guarantee: PushGuarantee): boolean =>
  rule === "at-least-once" || rule === guarantee;
