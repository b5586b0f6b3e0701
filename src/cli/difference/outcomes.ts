import { Buffer } from "node:buffer";
import type { Json, JsonMembers } from "../../kernel/json.ts";
import { escapeSegment } from "../../kernel/pointer.ts";
import type { KafkaRecord } from "../../kernel/record.ts";
import { type Admission, admitRecord } from "../../mesh/admit.ts";
import { readEventLine } from "../preview/event-line.ts";
import type { Pair, Side } from "./pair.ts";

/** A record on which two states decide differently. Holds what would leave, so it is made for `--events` only. */
export interface Example {
  /** From 1. */
  readonly line: number;
  readonly before: Outcome;
  readonly after: Outcome;
  /** Where the two values that leave differ. */
  readonly pointers: readonly string[];
}

interface Outcome {
  readonly effect: Admission["effect"] | "none";
  readonly reasons: readonly string[];
  /** Undefined: nothing leaves, or a tombstone does. */
  readonly value: Json | undefined;
  readonly key: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
  /** Milliseconds since 1970, as text; undefined: nothing leaves. */
  readonly timestamp: string | undefined;
}

/** How many records of a file are decided on otherwise, and the first of them. */
export interface Outcomes {
  readonly records: number;
  readonly differing: number;
  readonly examples: readonly Example[];
}

const EXAMPLES_MAX = 20;

/** Decides on each line by both states, as of `now` (ms since 1970). Lines that are no records are passed over. */
export function outcomesOf({ old, next }: Pair, lines: readonly Uint8Array[], now: number): Outcomes {
  const records = lines.flatMap((bytes, index) => {
    const read = readEventLine(bytes);
    if (!read.ok) return [];
    const timestamp = read.value.record.timestamp ?? BigInt(now);
    return [{ line: index + 1, record: { ...read.value.record, timestamp, offset: BigInt(index) } }];
  });
  const examples = records.flatMap(({ line, record }) => {
    const [before, after] = [outcomeOf(old, record, now), outcomeOf(next, record, now)];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    return [{ line, before, after, pointers: differing(before.value, after.value, "") }];
  });
  return { records: records.length, differing: examples.length, examples: examples.slice(0, EXAMPLES_MAX) };
}

/** The time is taken to be within the agreement's. */
function outcomeOf(side: Side | undefined, record: KafkaRecord, now: number): Outcome {
  const nothing = { reasons: [], value: undefined, key: null, headers: [], timestamp: undefined };
  if (side === undefined) return { effect: "none", ...nothing };
  const { from, until } = side.plan.validity;
  const time = Math.max(from, Math.min(now, until - 1));
  const admission = admitRecord(record, side.route, { partition: 0, sequence: 0 }, time);
  if (admission.effect === "deny") {
    const reasons = admission.reasons.map(({ code, pointer, module }) =>
      [code, pointer, module && `(${module})`].filter(Boolean).join(" "),
    );
    return { effect: "deny", ...nothing, reasons };
  }
  const { key, headers, value, timestamp } = admission.record;
  return {
    effect: "permit",
    reasons: [],
    value: value === null ? undefined : JSON.parse(text(value)),
    key: key === null ? null : text(key),
    timestamp: String(timestamp),
    // Provenance says who sent it under which agreement, which is not what is compared.
    headers: headers.flatMap(([name, each]) =>
      name.startsWith("ce_mesh") ? [] : [[name, each === null ? null : text(each)] as const],
    ),
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

const isContainer = (value: Json | undefined): value is JsonMembers | readonly Json[] =>
  typeof value === "object" && value !== null;

function differing(before: Json | undefined, after: Json | undefined, pointer: string): readonly string[] {
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [pointer];
  const [old, young] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...old.keys(), ...young.keys()])].flatMap((name) =>
    differing(old.get(name), young.get(name), `${pointer}/${escapeSegment(name)}`),
  );
}
