/**
 * Every way in which a record, or a whole plan, is denied: code → what it means. The table is closed; a test holds it
 * against docs/errors.md. A reason names rules and pointers, never a value.
 */
export const REASONS = {
  JSON_SYNTAX: "The value is not JSON (RFC 8259).",
  JSON_DUPLICATE_NAME: "An object has two members of one name, so two readers could see two values.",
  JSON_TOO_DEEP: "The value is nested deeper than the limit.",
  JSON_NOT_UTF8: "The value is not well-formed UTF-8, or a string holds half a surrogate pair.",
  RECORD_TOO_LARGE: "The record has more bytes than the limit.",
  ARRAY_TOO_LONG: "An array has more elements, or an object more names, than the limit.",
  TOMBSTONE_WITHOUT_KEY: "A tombstone has no meaning at the partner, because the contract drops the key.",
  EVENT_INVALID: "A required CloudEvents attribute is missing or malformed (CloudEvents 1.0.2, §3).",
  EVENT_CONTENT_TYPE: "The event's data is not JSON by its content type.",
  SCHEMA_MISMATCH: "A field that would leave does not keep the contract's schema.",
  SCOPE_MISMATCH: "The record is not about this partner: a need-to-know condition does not hold.",
  SCREENED: "Something that must not leave was found in the record, and the policy denies such a record.",
  TOMBSTONE_DENIED: "The contract or a policy lets no deletions leave.",
  TOO_FRESH: "The record is younger than the policy allows to leave.",
  TOO_OLD: "The record is older than the policy allows to be replayed.",
  COMPETITOR: "A competitor of the partner gets a stream of these categories, and no two competitors may.",
  EXPORT_DENIED: "The stream's export class or the partner's country is not one that the policy allows.",
  CAME_HOME: "The record has already passed the partner it would go to.",
  AGREEMENT_NOT_ACTIVE: "No approved agreement signed by both companies is in force.",
  AGREEMENT_NOT_STARTED: "The agreement's start lies ahead.",
  AGREEMENT_EXPIRED: "The agreement has ended.",
  CONTRACT_NOT_ACTIVE: "The contract is not active, or is another one than was agreed on.",
  PURPOSE_NOT_ALLOWED: "The agreement's purpose is not among those that the contract or a policy allows.",
  ONWARD_SHARING: "The record was received from another company whose contract forbids sharing it onward.",
  POLICY_FAILED: "A policy module failed, and a module that fails denies.",
  POLICY_SLOW: "A policy module did not answer in time, and a module that is slow denies.",
  POLICY_UNKNOWN: "A policy bundle names a module that this gateway does not have.",
  POLICY_INVALID: "A policy module refused its settings.",
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof REASONS;

/** Why something was denied. May name a field, never quotes it. */
export interface Reason {
  readonly code: ReasonCode;
  readonly module?: string;
  /** RFC 6901, with `*` for every element. */
  readonly pointer?: string;
}
