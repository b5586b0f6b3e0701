import { Buffer } from "node:buffer";
import type { Contract } from "../kernel/contract.ts";
import type { OpaqueKeys } from "../kernel/ports.ts";
import type { RecordHeader } from "../kernel/record.ts";
import { isCompanyId } from "../kernel/uri.ts";
import { placeOf, type RecordPlace, type StreamPartition } from "./place.ts";

/** Where a record has passed: company URNs with a space between, oldest first. */
const ORIGIN = "ce_meshorigin";
/** Whether the one who receives the record may publish it again. */
const ONWARD = "ce_meshonward";
/** Where the record stands in its stream, for nobody but its publisher to read. */
export const PLACE = "ce_meshplace";

type OnwardSharing = Contract["onwardSharing"];

/** The companies that a record says it has passed, oldest first; what names no company is left out. */
export function pathOf(headers: readonly RecordHeader[]): readonly string[] {
  const texts = textsOf(ORIGIN, headers);
  return [...new Set(texts.flatMap((text) => text.split(" ")).filter(isCompanyId))];
}

/** The label that a record came with: `forbidden` unless all that it says is `allowed`; undefined: it says nothing. */
export function labelOf(headers: readonly RecordHeader[]): OnwardSharing | undefined {
  const texts = textsOf(ONWARD, headers);
  if (texts.length === 0) return undefined;
  return texts.every((text) => text === "allowed") ? "allowed" : "forbidden";
}

/** May this company publish the record? What came from another one needs that one's word; no word forbids. */
export const mayPublish = (
  path: readonly string[],
  label: OnwardSharing | undefined,
  owner: string,
): boolean => label === "allowed" || path.every((company) => company === owner);

/** By whatever spelling of the name; a null value is an empty text. */
const textsOf = (wanted: string, headers: readonly RecordHeader[]): readonly string[] =>
  headers
    .filter(([name]) => name.toLowerCase() === wanted)
    .map(([, value]) => Buffer.from(value ?? []).toString("utf8"));

/** Where a record that leaves came from, and what becomes of it. */
export interface Passage {
  /** As it came, oldest first. */
  readonly path: readonly string[];
  /** Company URN of the one it leaves. */
  readonly owner: string;
  readonly label: OnwardSharing;
}

/** The mesh's own headers on a record that leaves: its path with `owner` last, agreement, label, and its place. */
export function provenanceHeaders(
  passage: Passage,
  stream: StreamPartition,
  place: RecordPlace,
  opaque: OpaqueKeys,
): readonly RecordHeader[] {
  const constant = provenanceTexts(passage, stream.agreement).map(
    ([name, text]) => [name, Buffer.from(text)] as const,
  );
  return [...constant, [PLACE, Buffer.from(placeOf(stream, place, opaque))]];
}

/** Those of them that are the same for all records of a passage; behind them stands the place, in a header of the name `PLACE`. */
export const provenanceTexts = (
  { path, owner, label }: Passage,
  agreement: string,
): readonly (readonly [name: string, text: string])[] => [
  [ORIGIN, [...path.filter((company) => company !== owner), owner].join(" ")],
  ["ce_meshagreement", agreement],
  [ONWARD, label],
];
