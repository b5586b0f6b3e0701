import { Buffer } from "node:buffer";
import type { MeshEvent } from "../kernel/cloud-event.ts";
import type { AttributeOrigin } from "../kernel/contract.ts";
import type { JsonNode } from "../kernel/json.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import { selectNodes } from "../kernel/pointer.ts";
import type { FieldKeys } from "../kernel/ports.ts";
import type { RecordHeader } from "../kernel/record.ts";
import { PSEUDONYM_LENGTH, pseudonym } from "./actions.ts";
import { instantText, isDateTime, truncateDate, truncateInstant } from "./civil-date.ts";

/** What stands around the data and is governed like it. `data` is what the projection left: attributes and key see nothing else. */
export interface EnvelopeFacts {
  readonly data: JsonNode | undefined;
  readonly event: MeshEvent;
  readonly key: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Ms since 1970; negative: there is none. */
  readonly timestamp: bigint;
}

/** The domain of the pseudonyms of keys; a field's own domain, its path, begins with a slash. */
export const KEY_DOMAIN = "key";

/** Rule → the key that leaves. */
const KEYS: Readonly<
  Record<
    PolicyPlan["key"]["rule"],
    (facts: EnvelopeFacts, plan: PolicyPlan, keys: FieldKeys) => Uint8Array | null
  >
> = {
  drop: () => null,
  share: ({ key }) => key,
  pseudonymize: ({ key }, { partner }, keys) => (key === null ? null : keyPseudonym(key, partner, keys)),
  pointer: ({ data }, { key }) => {
    const text = key.rule === "pointer" ? textAt(data, key.pointer) : undefined;
    return text === undefined ? null : Buffer.from(text);
  },
};

/** The key's pseudonym for a partner. */
export const keyPseudonym = (key: Uint8Array, partner: string, keys: FieldKeys): Uint8Array =>
  Buffer.from(pseudonym(key, KEY_DOMAIN, PSEUDONYM_LENGTH, { partner, keys }));

/** The record's key as it leaves. */
export const keyThatLeaves = (facts: EnvelopeFacts, plan: PolicyPlan, keys: FieldKeys): Uint8Array | null =>
  KEYS[plan.key.rule](facts, plan, keys);

/** Headers by exact name, in their order, as often as they stand there. */
export const headersThatLeave = (facts: EnvelopeFacts, plan: PolicyPlan): readonly RecordHeader[] =>
  facts.headers.filter(([name]) => plan.headers.includes(name));

/** The largest instant that the calendar arithmetic takes (ECMA-262, time values). */
const INSTANT_MAX = 8_640_000_000_000_000n;

/** The record's timestamp as it leaves, ms since 1970; one that is none, or beyond the calendar, becomes −1 where it can't be shared. */
export function timestampThatLeaves({ timestamp }: EnvelopeFacts, plan: PolicyPlan): bigint {
  if (plan.timestamp.action === "share") return timestamp;
  if (timestamp < 0n || timestamp > INSTANT_MAX) return -1n;
  return BigInt(truncateInstant(Number(timestamp), plan.timestamp.to));
}

/** The CloudEvents attributes that come from the record. Undefined: it has none to show. */
export interface LeavingAttributes {
  readonly id: string;
  readonly subject: string | undefined;
  /** RFC 3339. */
  readonly time: string | undefined;
}

/** Attributes as they leave but for the id; `timestamp` is the one that leaves. */
export function attributesThatLeave(
  facts: EnvelopeFacts,
  plan: PolicyPlan,
  timestamp: bigint,
): Omit<LeavingAttributes, "id"> {
  const { subject, time } = plan.event;
  return {
    subject: attribute("subject", subject, facts),
    time:
      time.from === "record" ? recordTime(timestamp) : ruledTime(attribute("time", time, facts), time, plan),
  };
}

/** The event's own id as it leaves. Undefined: it has none to show. */
export const idThatLeaves = (facts: EnvelopeFacts, plan: PolicyPlan): string | undefined =>
  attribute("id", plan.event.id, facts);

function attribute(
  name: "id" | "subject" | "time",
  origin: AttributeOrigin,
  facts: EnvelopeFacts,
): string | undefined {
  const text = originText(name, origin, facts);
  // CloudEvents 1.0.2 §3: an attribute that is there is not empty.
  return text === "" ? undefined : text;
}

function originText(
  name: "id" | "subject" | "time",
  origin: AttributeOrigin,
  facts: EnvelopeFacts,
): string | undefined {
  if (origin.from === "event") return facts.event[name];
  if (origin.from === "header") return headerText(origin.name, facts.headers);
  return origin.from === "pointer" ? textAt(facts.data, origin.pointer) : undefined;
}

const recordTime = (timestamp: bigint): string | undefined =>
  timestamp < 0n || timestamp > INSTANT_MAX ? undefined : instantText(Number(timestamp));

/** A time from beside the data says no more than the timestamp may; one from a field is ruled by that field's action. */
function ruledTime(
  text: string | undefined,
  { from }: AttributeOrigin,
  { timestamp }: PolicyPlan,
): string | undefined {
  if (text === undefined || !isDateTime(text)) return undefined;
  return from === "pointer" || timestamp.action === "share" ? text : truncateDate(text, timestamp.to);
}

/** A string, or the text of a number, where just one value stands there. */
function textAt(data: JsonNode | undefined, pointer: string): string | undefined {
  const [node, ...others] = data === undefined ? [] : selectNodes(data, pointer);
  if (node === undefined || others.length > 0) return undefined;
  if (node.kind === "number") return node.raw;
  return node.kind === "string" ? node.value : undefined;
}

/** UTF-8 text of a header that stands there once: of two, nobody knows which one is meant. */
export function headerText(name: string, headers: readonly RecordHeader[]): string | undefined {
  const [header, ...others] = headers.filter(([each]) => each === name);
  const value = header?.[1];
  if (value === undefined || value === null || others.length > 0) return undefined;
  const text = Buffer.from(value).toString("utf8");
  return Buffer.from(text).equals(value) ? text : undefined;
}
