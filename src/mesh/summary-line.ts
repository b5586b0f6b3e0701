import type { FrameSummary } from "../audit/frame-summary.ts";
import { MeshError } from "../kernel/error.ts";
import { isMembers, type Json } from "../kernel/json.ts";
import { readPlainJson } from "../kernel/strict-json.ts";

/** Characters of one frame's summary. */
export const SUMMARY_LENGTH_MAX = 4_096;

const DIGEST = /^sha-256:[0-9a-f]{64}$/;
/** An RFC 3339 time and its fraction of a second. */
const TIME_LENGTH_MAX = 40;

type Test = (value: Json | undefined) => boolean;
const isDigest: Test = (value) => typeof value === "string" && DIGEST.test(value);
const isTime: Test = (value) => typeof value === "string" && value.length <= TIME_LENGTH_MAX;
const isCount: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** Member of a line → what it must be. */
const MEMBERS: readonly (readonly [name: keyof FrameSummary, holds: Test])[] = [
  ["frame", isDigest],
  ["body", isDigest],
  ["previous", isDigest],
  ["time", isTime],
  ["partition", isCount],
  ["sequence", isCount],
  ["count", isCount],
  ["erasures", (value) => value === undefined || isCount(value)],
];

/** A partner's line for a frame; other members are not looked at. Throws PARTNER_ANSWER_INVALID. */
export function readSummary(line: string): FrameSummary {
  const read = readPlainJson(line);
  const value: Json = read.ok ? read.value : null;
  if (!isMembers(value) || !MEMBERS.every(([name, holds]) => holds(value[name]))) throw notSummaries();
  const told = MEMBERS.flatMap(([name]) => (value[name] === undefined ? [] : [[name, value[name]]]));
  return Object.fromEntries(told) as FrameSummary;
}

const notSummaries = (): MeshError =>
  new MeshError("PARTNER_ANSWER_INVALID", "The partner's answer is not a list of frames.");
