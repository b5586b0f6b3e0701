import type { Decision } from "../kernel/decision.ts";
import { REASONS } from "../kernel/reason.ts";
import { count, listOf, mapOf, matching, membersOf, oneOf, type Shape, text } from "./shape.ts";

const digest = matching(/^sha-256:[0-9a-f]{64}$/);
const offset = matching(/^(0|[1-9][0-9]{0,18})$/);
/** RFC 3339 with an offset; the range of each number is left to Date. */
const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);

const reason = membersOf({ code: oneOf(Object.keys(REASONS)) }, { module: text, pointer: text });

const shadow = membersOf({ plan: digest, compared: count, denied: count, fields: mapOf(mapOf(count)) });

const summary = membersOf(
  {
    firstOffset: offset,
    lastOffset: offset,
    read: count,
    permitted: count,
    denied: count,
    bytesIn: count,
    bytesOut: count,
    fields: mapOf(mapOf(count)),
    rules: mapOf(count),
    denials: listOf(membersOf({ offset, reasons: listOf(reason) })),
  },
  // Not in decisions from before there were such members.
  { erasures: count, shadow },
);

const frame = membersOf(
  {
    kind: oneOf(["frame"]),
    side: oneOf(["publisher", "subscriber"]),
    time,
    agreement: text,
    contract: membersOf({ id: text, name: text, version: text, digest }),
    plan: digest,
    partner: text,
    partition: count,
    sequence: count,
    count,
    frame: digest,
    body: digest,
    previous: digest,
  },
  { summary, erasures: count, replay: text },
);

const act = membersOf(
  { kind: oneOf(["act"]), act: text, time, actor: text },
  {
    partner: text,
    agreement: text,
    replay: text,
    contract: text,
    digest,
    partition: count,
    code: text,
    note: text,
  },
);

/** Kind of decision → CloudEvents type of its entry, and the shape of its data. */
export const DECISION_KINDS: Readonly<Record<Decision["kind"], { type: string; shape: Shape }>> = {
  frame: { type: "mesh.audit.frame.v1", shape: frame },
  act: { type: "mesh.audit.act.v1", shape: act },
};
