import { Buffer } from "node:buffer";
import { createHmac, type KeyObject } from "node:crypto";
import type { Contract } from "../kernel/contract.ts";
import type { OpaqueKeys } from "../kernel/ports.ts";
import type { RecordHeader } from "../kernel/record.ts";
import { isCompanyId } from "../kernel/uri.ts";

/** Where a record has passed: company URNs with a space between, oldest first. */
const ORIGIN = "ce_meshorigin";
/** Whether the one who receives the record may publish it again. */
const ONWARD = "ce_meshonward";
/** 132 bits: names that can't be guessed and don't collide. */
const OPAQUE_LENGTH = 22;

type OnwardSharing = Contract["onwardSharing"];

/** What a record's proof binds together. */
export interface ProvenPlace {
  readonly agreement: string;
  /** Of the stream, and the record's sequence in it. */
  readonly partition: number;
  readonly sequence: number;
  readonly eventId: string;
}

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

/** The mesh's own headers on a record that leaves: its path with `owner` last, agreement, label, and the proof of its place. */
export function provenanceHeaders(
  { path, owner, label }: Passage,
  place: ProvenPlace,
  opaque: OpaqueKeys,
): readonly RecordHeader[] {
  const origin = [...path.filter((company) => company !== owner), owner].join(" ");
  return [
    [ORIGIN, Buffer.from(origin)],
    ["ce_meshagreement", Buffer.from(place.agreement)],
    [ONWARD, Buffer.from(label)],
    ["ce_meshproof", Buffer.from(proofOf(place, opaque))],
  ];
}

/**
 * What only the publisher can make: 22 characters of base64url over the record's place. By it the publisher finds out where
 * a record stood in the stream, should a subscriber lose its cursor.
 */
export const proofOf = (
  { agreement, partition, sequence, eventId }: ProvenPlace,
  opaque: OpaqueKeys,
): string => opaqueName(opaque.opaque("provenance"), [agreement, partition, sequence, eventId]);

/** An event id that is the same whenever the record is read, and says nothing about offsets. */
export const opaqueEventId = (
  topicId: string,
  partition: number,
  offset: bigint,
  opaque: OpaqueKeys,
): string => opaqueName(opaque.opaque("event-id"), [topicId, partition, offset]);

/** The parts but the last hold no line feed, so that no two lists of parts read the same. */
function opaqueName(key: KeyObject, parts: readonly (string | number | bigint)[]): string {
  return createHmac("sha256", key).update(parts.join("\n")).digest("base64url").slice(0, OPAQUE_LENGTH);
}
