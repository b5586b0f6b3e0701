import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Cipheriv, createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import type { OpaqueKeys } from "../kernel/ports.ts";

/** Bytes of an AES block: what a name is made of. */
const BLOCK_BYTES = 16;
/** The zeros at the end of a block, by which a name that is not ours is known. */
const ZERO_BYTES = 4;
/** Base64url of a block. */
const NAME = /^[A-Za-z0-9_-]{22}$/;
/** What 48 bits hold; more records than any partition will see. */
const COUNT_MAX = 2 ** 48 - 1;
/** Ciphers that are kept: one for each topic and each partition of each agreement. */
const CIPHERS_MAX = 4096;

/** The partition of a stream: what the names of places are bound to. */
export interface StreamPartition {
  /** Agreement id. */
  readonly agreement: string;
  /** Of the source topic, 32 hex digits. */
  readonly topicId: string;
  readonly partition: number;
}

/** Where a record stood in the source, and where it stands in the stream. */
export interface RecordPlace {
  readonly offset: bigint;
  readonly sequence: number;
}

/**
 * Names blocks that lie one behind the other, each by itself: one block of AES-256 in ECB (FIPS 197, SP 800-38A §6.1). No two blocks are the same
 * under one key, so the mode gives nothing away; see decision 0032. The bytes that come back are the caller's.
 */
export type NameBlocks = (blocks: Uint8Array) => Buffer;

/** How event ids of a topic are made, of blocks of partition (32 bits), offset (64) and zeros (32), the highest byte first. */
export const eventIdsOf = (topicId: string, opaque: OpaqueKeys): NameBlocks =>
  namesOf(opaque, "event-id", [topicId]);

/** How places in a stream are made, of blocks of offset (48 bits), sequence (48) and zeros (32), the highest byte first. */
export const placesOf = (
  { agreement, topicId, partition }: StreamPartition,
  opaque: OpaqueKeys,
): NameBlocks => namesOf(opaque, "place", [agreement, topicId, partition]);

/** An event id that is the same whenever the record is read, and says nothing about offsets: 22 characters of base64url. */
export function opaqueEventId(
  topicId: string,
  partition: number,
  offset: bigint,
  opaque: OpaqueKeys,
): string {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeUInt32BE(partition, 0);
  block.writeBigUInt64BE(offset, 4);
  return eventIdsOf(topicId, opaque)(block).toString("base64url");
}

/** The place of a record as only its publisher can write or read it: 22 characters of base64url. */
export function placeOf(
  stream: StreamPartition,
  { offset, sequence }: RecordPlace,
  opaque: OpaqueKeys,
): string {
  assert(
    offset >= 0n && offset <= COUNT_MAX && sequence >= 0 && sequence <= COUNT_MAX,
    "48 bits hold a place.",
  );
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeUIntBE(Number(offset), 0, 6);
  block.writeUIntBE(sequence, 6, 6);
  return placesOf(stream, opaque)(block).toString("base64url");
}

/** What `placeOf` wrote for this partition of this stream. Undefined: it did not write this. */
export function openPlace(
  text: string,
  stream: StreamPartition,
  opaque: OpaqueKeys,
): RecordPlace | undefined {
  if (!NAME.test(text)) return undefined;
  const name = Buffer.from(text, "base64url");
  // The last character has four bits too many: of 16 spellings one is the name's.
  if (name.length !== BLOCK_BYTES || name.toString("base64url") !== text) return undefined;
  const { agreement, topicId, partition } = stream;
  const decipher = createDecipheriv(
    "aes-256-ecb",
    keyOf(opaque, "place", [agreement, topicId, partition]),
    null,
  );
  const block = decipher.setAutoPadding(false).update(name);
  if (block.readUIntBE(BLOCK_BYTES - ZERO_BYTES, ZERO_BYTES) !== 0) return undefined;
  return { offset: BigInt(block.readUIntBE(0, 6)), sequence: block.readUIntBE(6, 6) };
}

type Use = "event-id" | "place";

const ciphers = new WeakMap<OpaqueKeys, Map<string, Cipheriv>>();

/** In this mode blocks know nothing of each other, so one cipher serves for all that are made under its key. */
function namesOf(opaque: OpaqueKeys, use: Use, parts: readonly (string | number)[]): NameBlocks {
  const known = ciphers.get(opaque) ?? new Map<string, Cipheriv>();
  ciphers.set(opaque, known);
  const name = [use, ...parts].join("\n");
  let cipher = known.get(name);
  if (cipher === undefined) {
    if (known.size >= CIPHERS_MAX) known.clear();
    cipher = createCipheriv("aes-256-ecb", keyOf(opaque, use, parts), null).setAutoPadding(false);
    known.set(name, cipher);
  }
  const made = cipher;
  return (blocks) => made.update(blocks);
}

/** The parts hold no line feed but the last, so that no two lists of parts read the same. */
const keyOf = (opaque: OpaqueKeys, use: Use, parts: readonly (string | number)[]): Buffer =>
  createHmac("sha256", opaque.opaque(use)).update(parts.join("\n")).digest();
