import { discard } from "../kernel/discard.ts";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { CheckedBatch } from "../kernel/ports.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { CODEC, unpack } from "./compression.ts";
import {
  ATTRIBUTE,
  asBuffer,
  BATCH,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  checksumHolds,
  readBatchHeader,
} from "./record-batch.ts";
import { headerCount } from "./record-reader.ts";
import { VarintReader } from "./varint.ts";

/** What a batch from a partner may unpack to: one record of the largest size allowed, and a frame's worth beside it. */
const CHECKED_PLAIN_BYTES_MAX = LIMITS.batchPlainBytesMax;
/** Least bytes of a record: length, attributes, two deltas, key, value, header count. */
const RECORD_BYTES_MIN = 7;
/** Above every delta that comes as a number. */
const SHORT_DELTA_END = 2n ** 27n;

/** See `RecordCodec.check`. Trusts nothing. */
export function checkBatch(bytes: Uint8Array, count: number): Result<CheckedBatch, string> {
  const batch = asBuffer(bytes);
  if (batch.length < BATCH_HEADER_BYTES) return failed("the batch is shorter than its header");
  const wrong = HEADER_RULES.find((rule) => !rule.holds(batch, count));
  if (wrong !== undefined) return failed(wrong.fault);
  const header = readBatchHeader(batch);
  try {
    const packed = batch.subarray(BATCH_HEADER_BYTES);
    const plain = unpack(header.attributes & ATTRIBUTE.codecMask, packed, CHECKED_PLAIN_BYTES_MAX);
    const checked =
      plain.length < count * RECORD_BYTES_MIN
        ? failed("the batch has fewer bytes than its records need")
        : checkRecords(new VarintReader(plain), header);
    if (plain !== packed) discard(plain);
    return checked;
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof MeshError) return failed(cause.message);
    throw cause;
  }
}

/** What `encode` writes into a header, field by field. */
const HEADER_RULES: readonly {
  readonly fault: string;
  readonly holds: (batch: Buffer, count: number) => boolean;
}[] = [
  { fault: "the message format is not 2", holds: (batch) => batch.readInt8(BATCH.magic) === 2 },
  {
    fault: "the length is not that of the bytes",
    holds: (batch) => readBatchHeader(batch).byteLength === batch.length,
  },
  { fault: "the checksum does not hold", holds: checksumHolds },
  { fault: "the base offset is not 0", holds: (batch) => batch.readBigInt64BE(BATCH.baseOffset) === 0n },
  { fault: "the leader epoch is not -1", holds: (batch) => batch.readInt32BE(BATCH.leaderEpoch) === -1 },
  {
    fault: "the attributes name more than zstd or no compression",
    holds: (batch) => [CODEC.none, CODEC.zstd].some((codec) => codec === batch.readInt16BE(BATCH.attributes)),
  },
  {
    fault: "the batch names a producer",
    holds: (batch) =>
      batch.readBigInt64BE(BATCH.producerId) === -1n &&
      batch.readInt16BE(BATCH.producerEpoch) === -1 &&
      batch.readInt32BE(BATCH.baseSequence) === -1,
  },
  {
    fault: "the number of records is not the one announced",
    holds: (batch, count) =>
      count > 0 &&
      batch.readInt32BE(BATCH.count) === count &&
      batch.readInt32BE(BATCH.lastOffsetDelta) === count - 1,
  },
];

/** Walks the records without making any, and proves count, order and timestamps. */
function checkRecords(reader: VarintReader, header: BatchHeader): Result<CheckedBatch, string> {
  const base = header.baseTimestamp;
  // Where 64 bits may go round, as Kafka lets them, each time is counted by itself.
  const isEdge = [-SHORT_DELTA_END, SHORT_DELTA_END].some(
    (far) => BigInt.asIntN(64, base + far) !== base + far,
  );
  let latest = base;
  let longest = 0;
  let tombstones = 0;
  for (let index = 0; index < header.count; index += 1) {
    const length = reader.int();
    const end = reader.at + length;
    if (reader.byte() !== 0) return failed("a record has attributes");
    const delta = isEdge ? reader.long() : reader.delta();
    if (index === 0 && Number(delta) !== 0)
      return failed("the base timestamp is not that of the first record");
    if (typeof delta === "number") longest = Math.max(longest, delta);
    else latest = later(latest, base + delta);
    if (reader.int() !== index) return failed("the records' offsets have a gap");
    skipBytes(reader);
    if (!skipBytes(reader)) tombstones += 1;
    for (let left = headerCount(reader); left > 0; left -= 1) {
      reader.skip(reader.int());
      skipBytes(reader);
    }
    if (reader.at !== end) return failed("a record is not as long as it says");
  }
  if (reader.left !== 0) return failed("bytes follow the last record");
  return later(latest, base + BigInt(longest)) === header.maxTimestamp
    ? done({ tombstones })
    : failed("the latest timestamp is not the one announced");
}

const later = (latest: bigint, sum: bigint): bigint => {
  const timestamp = BigInt.asIntN(64, sum);
  return timestamp > latest ? timestamp : latest;
};

/** Were there any? A length of −1 says that the bytes are null. */
function skipBytes(reader: VarintReader): boolean {
  const length = reader.int();
  if (length === -1) return false;
  reader.skip(length);
  return true;
}
