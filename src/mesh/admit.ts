import type { AdmissionSummary } from "../kernel/decision.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { RecordCodec, SourceBatch } from "../kernel/ports.ts";
import type { Reason } from "../kernel/reason.ts";
import type { KafkaRecord, OutboundRecord } from "../kernel/record.ts";
import { type AppliedField, evaluate, type RecordFacts, type Verdict } from "../policy/evaluate.ts";
import { SummaryTally } from "./admission-summary.ts";
import { isAttribute } from "./cloudevents/attributes.ts";
import { decodeRecord, encodeRecord } from "./cloudevents/kafka-binding.ts";
import { keepsToPlan } from "./egress-guard.ts";
import { opaqueEventId } from "./place.ts";
import { labelOf, mayPublish, pathOf, provenanceHeaders } from "./provenance.ts";
import type { Route } from "./route.ts";

/** The decision on one record: what leaves, or why nothing does. */
export type Admission =
  | { readonly effect: "permit"; readonly record: OutboundRecord; readonly fields: readonly AppliedField[] }
  | { readonly effect: "deny"; readonly reasons: readonly Reason[] };

/** The decision on a run of records. */
export interface Admitted {
  /** One RecordBatch of what leaves; undefined: nothing does. */
  readonly body: Uint8Array | undefined;
  /** Records in `body`. */
  readonly count: number;
  readonly summary: AdmissionSummary;
}

/**
 * The one seam of the data path: from committed batches to what leaves, pure but for keys. `sequence` is that of the next record
 * in the stream's partition, `now` in milliseconds since 1970. Throws SOURCE_CODEC, SOURCE_CORRUPT.
 */
export type Admit = (batch: SourceBatch, route: Route, sequence: number, now: number) => Admitted;

/** `partition` of the source and so of the stream; `sequence` that the record gets there when it leaves. */
export interface StreamPlace {
  readonly partition: number;
  readonly sequence: number;
}

/** Decides one record: size → decode → loop check → label → policy → attributes → encode. The first refusal stands. */
export function admitRecord(record: KafkaRecord, route: Route, place: StreamPlace, now: number): Admission {
  const { plan } = route;
  const decoded = decodeRecord(record, plan.encoding, plan.limits);
  if (!decoded.ok) return deny(decoded.fault);
  const path = pathOf(record.headers);
  if (path.includes(plan.partner)) return deny({ code: "CAME_HOME" });
  const label = labelOf(record.headers);
  if (!mayPublish(path, label, route.owner)) return deny({ code: "ONWARD_SHARING" });
  const { event, inputBytes } = decoded.value;
  const { key, headers, timestamp } = record;
  const { agreement, owner, opaque, topicId } = route;
  const { partition, sequence } = place;
  const madeId = () => opaqueEventId(topicId, partition, record.offset, opaque);
  const input = { data: event.data, event, key, headers, timestamp, bytes: inputBytes };
  const verdict = evaluateSafely(route, { ...input, now, agreement, place, madeId });
  if (verdict.effect === "deny") return verdict;
  if (!keepsToPlan(verdict, plan)) return deny({ code: "POLICY_FAILED" });
  const { attributes } = verdict;
  // An attribute from a field or a header has not been through the checks of an event yet.
  if (!areAttributes(attributes)) return deny({ code: "EVENT_INVALID" });
  // A label that forbids once is never loosened on the way.
  const onward = label === "forbidden" ? label : plan.onwardSharing;
  const stream = { agreement, topicId, partition };
  const where = { offset: record.offset, sequence };
  const provenance = provenanceHeaders({ path, owner, label: onward }, stream, where, opaque);
  const { mode, source, type } = plan.event;
  const { data } = verdict;
  const outbound = { key: verdict.key, headers: verdict.headers, timestamp: verdict.timestamp };
  const encoded = encodeRecord({ mode, source, type, ...attributes, data, ...outbound, provenance });
  return { effect: "permit", record: encoded, fields: verdict.fields };
}

const deny = (reason: Reason): Admission => ({ effect: "deny", reasons: [reason] });

/** A rule that throws denies: a defect never lets a record out. What it threw may quote the record, so it goes nowhere. */
function evaluateSafely(route: Route, facts: RecordFacts): Verdict {
  try {
    return evaluate(route.plan, facts, route.fields);
  } catch {
    return { effect: "deny", reasons: [{ code: "POLICY_FAILED" }] };
  }
}

const areAttributes = (attributes: {
  id: string;
  subject: string | undefined;
  time: string | undefined;
}): boolean =>
  isAttribute("id", attributes.id) &&
  isAttribute("subject", attributes.subject) &&
  isAttribute("time", attributes.time);

/** A batch may begin before its run does, or end behind it. */
export const isIn = ({ from, next }: SourceBatch, { offset }: KafkaRecord): boolean =>
  offset >= from.offset && offset < next.offset;

/** Decides a record of one stream. */
type Decide = (record: KafkaRecord, place: StreamPlace, now: number) => Admission;

/** `Admit`, record by record, by what `decide` gives for the stream. */
export function admitEach(codec: RecordCodec, decide: (route: Route) => Decide): Admit {
  return (batch, route, sequence, now) => {
    const admit = decide(route);
    const tally = new SummaryTally();
    const outbound: OutboundRecord[] = [];
    for (const bytes of batch.batches) {
      for (const record of codec.decode(bytes, batch.from.offset, LIMITS.batchPlainBytesMax)) {
        if (!isIn(batch, record)) continue;
        const place = { partition: batch.from.partition, sequence: sequence + outbound.length };
        const admission = admit(record, place, now);
        if (admission.effect === "deny") tally.deny(record, admission.reasons);
        else {
          outbound.push(admission.record);
          tally.permit(record, admission.record, admission.fields);
        }
      }
    }
    const body = outbound.length === 0 ? undefined : codec.encode(outbound);
    return { body, count: outbound.length, summary: tally.summary(batch) };
  };
}

/** `Admit` over parsed objects: the semantics that a faster one is held against. */
export const referenceAdmit = (codec: RecordCodec): Admit =>
  admitEach(codec, (route) => (record, place, now) => admitRecord(record, route, place, now));
