import { Buffer } from "node:buffer";
import type { JsonNode } from "../../kernel/json.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { ReasonCode } from "../../kernel/reason.ts";
import type { KafkaRecord, RecordHeader } from "../../kernel/record.ts";
import { done, failed, type Result } from "../../kernel/result.ts";
import { readJson, writeJson } from "../../kernel/strict-json.ts";

/** Why a line is no record; `note` says to people which member of an envelope is not as it must be. */
export interface LineFault {
  readonly code: ReasonCode;
  readonly note?: string;
}

/** The record's members in a line; a plain value is the record's value. */
export interface EventLine {
  readonly record: Omit<KafkaRecord, "offset" | "timestamp"> & { readonly timestamp: bigint | undefined };
  /** Members of the envelope that mean nothing. */
  readonly ignored: readonly string[];
}

/** An envelope is one level around what a contract may allow. */
const BOUNDS = {
  depthMax: LIMITS.recordCeiling.depthMax + 1,
  arrayLengthMax: LIMITS.recordCeiling.arrayLengthMax,
};

const LINE_FEED = 0x0a;

/** The lines of a file as bytes, without their ends; nothing after the last end is no line. */
export function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    lines.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length : end + 1;
  }
  return lines;
}

/**
 * A line of events: `{key, value, headers, timestamp}`, or the value alone when there is no member `value`. The value keeps
 * its bytes: numbers as they are written, and a name that stands twice is a fault, not the last of the two.
 */
export function readEventLine(line: Uint8Array): Result<EventLine, LineFault> {
  const read = readJson(line, BOUNDS);
  if (!read.ok) return failed({ code: read.fault.code });
  const node = read.value;
  const value = node.kind === "object" ? node.members.get("value")?.value : undefined;
  if (node.kind !== "object" || value === undefined) return done(bare(line));
  const members = new Map([...node.members].map(([name, member]) => [name, member.value]));
  const key = keyOf(members.get("key"));
  const headers = headersOf(members.get("headers"));
  const timestamp = timestampOf(members.get("timestamp"));
  if (key === WRONG) return failed(malformed("key is no string and not null"));
  if (headers === WRONG) return failed(malformed("headers is no list of [name, value] pairs of strings"));
  if (timestamp === WRONG) return failed(malformed("timestamp is no whole number of milliseconds from 0"));
  const record = { key, headers, timestamp, value: isNull(value) ? null : Buffer.from(writeJson(value)) };
  return done({ record, ignored: [...members.keys()].filter((name) => !MEMBERS.includes(name)) });
}

const MEMBERS: readonly string[] = ["key", "value", "headers", "timestamp"];
const WRONG = Symbol("wrong");
const malformed = (what: string): LineFault => ({ code: "EVENT_INVALID", note: `its member ${what}` });

const bare = (value: Uint8Array): EventLine => ({
  record: { key: null, headers: [], timestamp: undefined, value },
  ignored: [],
});

const isNull = (node: JsonNode | undefined): boolean => node?.kind === "literal" && node.raw === "null";

function keyOf(node: JsonNode | undefined): Uint8Array | null | typeof WRONG {
  if (node === undefined || isNull(node)) return null;
  return node.kind === "string" ? Buffer.from(node.value) : WRONG;
}

function timestampOf(node: JsonNode | undefined): bigint | undefined | typeof WRONG {
  if (node === undefined) return undefined;
  return node.kind === "number" && /^[0-9]{1,18}$/.test(node.raw) ? BigInt(node.raw) : WRONG;
}

/** `[[name, value], …]`; a value may be null, as in Kafka. */
function headersOf(node: JsonNode | undefined): readonly RecordHeader[] | typeof WRONG {
  if (node === undefined) return [];
  if (node.kind !== "array") return WRONG;
  const headers = node.items.map(headerOf);
  return headers.every((header) => header !== WRONG) ? headers : WRONG;
}

function headerOf(node: JsonNode): RecordHeader | typeof WRONG {
  const [name, value, ...others] = node.kind === "array" ? node.items : [];
  const text = keyOf(value);
  if (name?.kind !== "string" || value === undefined || text === WRONG || others.length > 0) return WRONG;
  return [name.value, text];
}
