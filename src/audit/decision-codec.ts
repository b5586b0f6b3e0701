import { Buffer } from "node:buffer";
import type { Decision } from "../kernel/decision.ts";
import { sha256 } from "../kernel/digest.ts";
import type { Json } from "../kernel/json.ts";
import type { JournalEntry } from "../kernel/ports.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import { DECISION_KINDS } from "./decision-shape.ts";
import { membersOf, oneOf, type Shape, text } from "./shape.ts";

/** Why an entry of the audit topic is not a decision of ours. */
export interface EntryFault {
  /** `foreign`: something else, well formed. `broken`: meant to be a decision, and is not one. */
  readonly fault: "foreign" | "broken";
  /** A full sentence, without values. */
  readonly detail: string;
}

/** CloudEvents `source` of all decisions of a company. */
const auditSource = (company: string): string => `${company}:tiermesh`;

/**
 * A decision as an entry of the audit topic: a structured CloudEvent (CloudEvents 1.0.2, JSON format 1.0.2 §3). `id` is the
 * digest of the decision, so a write that is tried again is the same event. The key is the agreement, else the partner.
 */
export function encodeDecision(decision: Decision, company: string): JournalEntry {
  const data = JSON.stringify(decision);
  const event = {
    specversion: "1.0",
    id: sha256(Buffer.from(data)).toString("base64url"),
    source: auditSource(company),
    type: DECISION_KINDS[decision.kind].type,
    time: decision.time,
    data: decision,
  };
  return {
    key: decision.agreement ?? decision.partner ?? null,
    value: Buffer.from(JSON.stringify(event)),
  };
}

const envelope = (data: Shape): Shape =>
  membersOf({ specversion: oneOf(["1.0"]), id: text, source: text, type: text, time: text, data });
const anything: Shape = () => undefined;
const envelopeOfAny = envelope(anything);

const broken = (detail: string) => failed<EntryFault>({ fault: "broken", detail });
const foreign = (detail: string) => failed<EntryFault>({ fault: "foreign", detail });

/** The decision of an entry. What does not keep the shape to the last member is a fault, never half a decision. */
export function decodeDecision(
  entry: Pick<JournalEntry, "value">,
  company: string,
): Result<Decision, EntryFault> {
  if (entry.value === null) return foreign("The entry has no value.");
  const event = readPlainJson(entry.value);
  if (!event.ok) return broken(`The entry is not JSON: ${event.fault.code} at byte ${event.fault.at}.`);
  const misplaced = envelopeOfAny(event.value, "");
  if (misplaced !== undefined) return broken(`The entry breaks the CloudEvents envelope at "${misplaced}".`);
  const { source, type, time, data } = event.value as {
    source: string;
    type: string;
    time: string;
    data: Json;
  };
  if (source !== auditSource(company)) return foreign("The entry comes from another source.");
  const kind = Object.values(DECISION_KINDS).find((known) => known.type === type);
  if (kind === undefined) return foreign("The entry is of a type that this version does not know.");
  const place = kind.shape(data, "/data");
  if (place !== undefined) return broken(`The entry's decision breaks its shape at "${place}".`);
  const decision = data as unknown as Decision;
  if (decision.time !== time) return broken("The entry's time is not its decision's.");
  return done(decision);
}
