import assert from "node:assert/strict";
import type { MeshEvent } from "../kernel/cloud-event.ts";
import type { JsonNode } from "../kernel/json.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { FieldKeys } from "../kernel/ports.ts";
import type { Reason } from "../kernel/reason.ts";
import type { RecordHeader } from "../kernel/record.ts";
import { isMet } from "./conditions.ts";
import {
  attributesThatLeave,
  headersThatLeave,
  idThatLeaves,
  keyThatLeaves,
  type LeavingAttributes,
  timestampThatLeaves,
} from "./envelope.ts";
import { screenEnvelope } from "./envelope-screens.ts";
import type { ValueContext } from "./leaf.ts";
import { type AppliedField, type Projection, project } from "./redact.ts";

export type { AppliedField } from "./redact.ts";

/** Everything about one record that a verdict may depend on. */
export interface RecordFacts {
  /** Undefined: a tombstone. */
  readonly data: JsonNode | undefined;
  readonly event: MeshEvent;
  readonly key: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Milliseconds since 1970, as Kafka has it. */
  readonly timestamp: bigint;
  /** The record's size: key, value and headers. */
  readonly bytes: number;
  /** Milliseconds since 1970: the time of the decision, which is recorded. */
  readonly now: number;
  /** Agreement id: ciphertexts are bound to it. */
  readonly agreement: string;
  /** Of the stream, and the sequence that the record gets there when it leaves. */
  readonly place: { readonly partition: number; readonly sequence: number };
  /** The id that the caller gives an event that has none to show; asked at most when it is needed. */
  readonly madeId: () => string;
}

/** What leaves of a record, or why nothing does. */
export type Verdict = PermitVerdict | { readonly effect: "deny"; readonly reasons: readonly Reason[] };

export interface PermitVerdict {
  readonly effect: "permit";
  /** Undefined just when the record was a tombstone. */
  readonly data: JsonNode | undefined;
  readonly key: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  readonly timestamp: bigint;
  readonly attributes: LeavingAttributes;
  readonly fields: readonly AppliedField[];
}

/**
 * The verdict on one record: a pure function of its arguments. All reasons to deny are reported together, each once, those of the
 * plan first. `keys` are of the plan's epoch, or it is a bug.
 */
export function evaluate(plan: PolicyPlan, record: RecordFacts, keys: FieldKeys): Verdict {
  const { epoch } = keys.pseudonyms;
  assert.equal(epoch, plan.pseudonymEpoch, "The pseudonym keys are of another epoch than the plan.");
  const { reasons: found, ...screened } = screenEnvelope(record, plan, keys);
  const facts = { ...record, ...screened };
  const outside = [
    ...plan.denials,
    ...validityReasons(plan, facts),
    ...ageReasons(plan, facts),
    ...limitReasons(plan, facts),
    ...found,
  ];
  const { data } = facts;
  if (data === undefined) {
    const reasons = [...outside, ...tombstoneReasons(plan, facts)];
    return verdict(plan, facts, reasons, NOTHING, keys, () => idOf(facts, plan, undefined));
  }
  // Walking a value that is too deep or too long is what the limits are there to prevent.
  if (outside.some(({ code }) => code === "JSON_TOO_DEEP" || code === "ARRAY_TOO_LONG")) return deny(outside);
  const unmet = plan.conditions.filter((condition) => !isMet(condition, data));
  let boundId: string | undefined;
  // Ciphertexts are bound to the event's id, so that one is made of what leaves without them.
  const eventId = (): string => {
    boundId ??= idOf(facts, plan, project(data, plan.root, contextFor(plan, keys)).data);
    return boundId;
  };
  const projection = project(data, plan.root, contextFor(plan, keys, sealingFor(plan, facts, eventId)));
  const reasons = [...outside, ...unmet.map(mismatch), ...projection.reasons];
  // A value that may not leave at all must not become a tombstone.
  if (projection.data === undefined && projection.reasons.length === 0) {
    reasons.push({ code: "SCHEMA_MISMATCH", pointer: plan.root.path });
  }
  const leavingId = (): string => boundId ?? idOf(facts, plan, projection.data);
  return verdict(plan, facts, reasons, projection, keys, leavingId);
}

/** The event's id: its own as it leaves, else one that is made for it. */
const idOf = (facts: RecordFacts, plan: PolicyPlan, data: JsonNode | undefined): string =>
  idThatLeaves({ ...facts, data }, plan) ?? facts.madeId();

const contextFor = (plan: PolicyPlan, keys: FieldKeys, sealing?: ValueContext["sealing"]): ValueContext => ({
  partner: plan.partner,
  keys,
  sealing,
});

function sealingFor(
  { recipient, contract }: PolicyPlan,
  { agreement, now, place }: RecordFacts,
  eventId: () => string,
): ValueContext["sealing"] {
  if (recipient === undefined) return undefined;
  return { recipient, agreement, contract: contract.digest, now, ...place, eventId };
}

const NOTHING: Projection = { data: undefined, reasons: [], fields: [] };

function verdict(
  plan: PolicyPlan,
  facts: RecordFacts,
  reasons: readonly Reason[],
  { data, fields }: Projection,
  keys: FieldKeys,
  id: () => string,
): Verdict {
  if (reasons.length > 0) return deny(reasons);
  const envelope = { ...facts, data };
  const timestamp = timestampThatLeaves(envelope, plan);
  return {
    effect: "permit",
    data,
    key: keyThatLeaves(envelope, plan, keys),
    headers: headersThatLeave(envelope, plan),
    timestamp,
    attributes: { id: id(), ...attributesThatLeave(envelope, plan, timestamp) },
    fields,
  };
}

const mismatch = ({ module, field }: PolicyPlan["conditions"][number]): Reason => ({
  code: "SCOPE_MISMATCH",
  module,
  pointer: field,
});

/** Whom a tombstone is about can't be seen, so it meets no condition; a key made of a field has no field to be made of. */
function tombstoneReasons(
  { conditions, tombstones, key: { rule } }: PolicyPlan,
  { key }: RecordFacts,
): readonly Reason[] {
  const reasons: Reason[] = tombstones === "pass" ? [] : conditions.map(mismatch);
  if (tombstones === "deny") reasons.push({ code: "TOMBSTONE_DENIED" });
  if (key === null || rule === "drop" || rule === "pointer") reasons.push({ code: "TOMBSTONE_WITHOUT_KEY" });
  return reasons;
}

/** From `from`, and before `until`. */
function validityReasons({ validity }: PolicyPlan, { now }: RecordFacts): readonly Reason[] {
  const reasons: Reason[] = [];
  if (!(now >= validity.from)) reasons.push({ code: "AGREEMENT_NOT_STARTED" });
  if (!(now < validity.until)) reasons.push({ code: "AGREEMENT_EXPIRED" });
  return reasons;
}

/** A record without a time is neither old enough nor young enough. */
function ageReasons({ age }: PolicyPlan, { now, timestamp }: RecordFacts): readonly Reason[] {
  const reasons: Reason[] = [];
  const ms = timestamp < 0n ? Number.NaN : now - Number(timestamp);
  if (age.leastMs > 0 && !(ms >= age.leastMs)) reasons.push({ code: "TOO_FRESH" });
  if (age.mostMs !== undefined && !(ms <= age.mostMs)) reasons.push({ code: "TOO_OLD" });
  return reasons;
}

function limitReasons({ limits }: PolicyPlan, { bytes, data }: RecordFacts): readonly Reason[] {
  const reasons: Reason[] = [];
  if (!(bytes <= limits.bytesMax)) reasons.push({ code: "RECORD_TOO_LARGE" });
  if (data === undefined) return reasons;
  const { deepest, longest } = extent(data, limits.depthMax);
  if (deepest > limits.depthMax) reasons.push({ code: "JSON_TOO_DEEP" });
  if (longest > limits.arrayLengthMax) reasons.push({ code: "ARRAY_TOO_LONG" });
  return reasons;
}

/** A scalar has depth 0, `[]` has 1. Without recursion, and no deeper than one level below `depthMax`. */
function extent(data: JsonNode, depthMax: number): { deepest: number; longest: number } {
  let [deepest, longest] = [0, 0];
  let level: readonly JsonNode[] = [data];
  for (let depth = 1; depth <= depthMax + 1; depth++) {
    const containers = level.filter((node) => node.kind === "array" || node.kind === "object");
    if (containers.length === 0) break;
    deepest = depth;
    for (const node of containers) if (node.kind === "array") longest = Math.max(longest, node.items.length);
    level = containers.flatMap((node) =>
      node.kind === "array" ? node.items : [...node.members.values()].map(({ value }) => value),
    );
  }
  return { deepest, longest };
}

/** Each reason once. */
function deny(reasons: readonly Reason[]): Verdict {
  const distinct = new Map(
    reasons.map((reason) => [`${reason.code}\n${reason.module ?? ""}\n${reason.pointer ?? ""}`, reason]),
  );
  return { effect: "deny", reasons: [...distinct.values()] };
}
