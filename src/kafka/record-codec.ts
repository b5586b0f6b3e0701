import assert from "node:assert";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { CheckedBatch, RecordCodec } from "../kernel/ports.ts";
import type { KafkaRecord, OutboundRecord, RecordHeader } from "../kernel/record.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { CODEC, packZstd, unpack } from "./compression.ts";
import {
  ATTRIBUTE,
  asBuffer,
  BATCH,
  BATCH_HEADER_BYTES,
  type BatchHeader,
  checksumHolds,
  readBatchHeader,
  writeBatchHeader,
} from "./record-batch.ts";
import { sizeOfInt, sizeOfLong, VarintReader, writeInt, writeLong } from "./varint.ts";

/** What a batch from a partner may unpack to: one record of the largest size allowed, and a frame's worth beside it. */
const CHECKED_PLAIN_BYTES_MAX = LIMITS.batchPlainBytesMax;
/** Least bytes of a record: length, attributes, two deltas, key, value, header count. */
const RECORD_BYTES_MIN = 7;

/** Kafka message format v2. `decode` trusts the CRC that the source checked; `check` trusts nothing. */
export const recordCodec: RecordCodec = { decode, encode, check };

function decode(bytes: Uint8Array, from: bigint, bytesMax: number): readonly KafkaRecord[] {
  const batch = asBuffer(bytes);
  const header = soundHeader(batch);
  if (header.count === 0 || (header.attributes & ATTRIBUTE.control) !== 0) return [];
  const plain = unpack(header.attributes & ATTRIBUTE.codecMask, batch.subarray(BATCH_HEADER_BYTES), bytesMax);
  const appended = (header.attributes & ATTRIBUTE.logAppendTime) !== 0 ? header.maxTimestamp : undefined;
  const records: KafkaRecord[] = [];
  try {
    const reader = new VarintReader(plain);
    for (let n = 0; n < header.count; n += 1) {
      const record = readRecord(reader, header, appended);
      if (record.offset >= from) records.push(record);
    }
    if (reader.left !== 0) throw new RangeError("bytes after the last record");
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new MeshError(
      "SOURCE_CORRUPT",
      `The records of a batch at offset ${header.baseOffset} are not sound: ${cause.message}.`,
    );
  }
  return records;
}

/** Throws SOURCE_CODEC or SOURCE_CORRUPT unless the fixed fields make sense together. */
function soundHeader(batch: Buffer): BatchHeader {
  if (batch.length < BATCH_HEADER_BYTES) {
    throw new MeshError("SOURCE_CORRUPT", `A record batch has ${batch.length} bytes, fewer than its header.`);
  }
  const magic = batch.readInt8(BATCH.magic);
  if (magic !== 2) {
    throw new MeshError("SOURCE_CODEC", `A record batch has message format ${magic}; only format 2 is read.`);
  }
  const header = readBatchHeader(batch);
  if (header.byteLength !== batch.length || header.count < 0) {
    throw new MeshError(
      "SOURCE_CORRUPT",
      `A record batch at offset ${header.baseOffset} contradicts its own length.`,
    );
  }
  return header;
}

function readRecord(reader: VarintReader, batch: BatchHeader, appended: bigint | undefined): KafkaRecord {
  const length = reader.int();
  const end = reader.at + length;
  reader.skip(1);
  const timestampDelta = reader.long();
  const offset = batch.baseOffset + BigInt(reader.int());
  const key = readBytes(reader);
  const value = readBytes(reader);
  const headers: RecordHeader[] = [];
  for (let left = headerCount(reader); left > 0; left -= 1) {
    const name = reader.take(reader.int()).toString("utf8");
    headers.push([name, readBytes(reader)]);
  }
  if (reader.at !== end) throw new RangeError("a record of another length than it says");
  return { offset, timestamp: appended ?? batch.baseTimestamp + timestampDelta, key, value, headers };
}

function readBytes(reader: VarintReader): Buffer | null {
  const length = reader.int();
  return length === -1 ? null : reader.take(length);
}

function headerCount(reader: VarintReader): number {
  const count = reader.int();
  if (count < 0 || count > reader.left) throw new RangeError("more headers than bytes");
  return count;
}

function encode(records: readonly OutboundRecord[]): Uint8Array {
  const first = records[0];
  assert(first !== undefined, "a batch holds at least one record");
  const baseTimestamp = first.timestamp;
  let maxTimestamp = baseTimestamp;
  const layouts = records.map((record, index) => {
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    return layOut(record, index, record.timestamp - baseTimestamp);
  });
  const plain = Buffer.allocUnsafe(
    layouts.reduce((sum, layout) => sum + sizeOfInt(layout.length) + layout.length, 0),
  );
  let at = 0;
  for (const layout of layouts) at = writeRecord(plain, at, layout);
  assert.equal(at, plain.length, "every byte is written");
  const packed = packZstd(plain);
  const batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + packed.length);
  packed.copy(batch, BATCH_HEADER_BYTES);
  writeBatchHeader(batch, { codec: CODEC.zstd, count: records.length, baseTimestamp, maxTimestamp });
  return batch;
}

/** A record measured: `length` is what stands before it. */
interface RecordLayout {
  readonly record: OutboundRecord;
  readonly names: readonly Buffer[];
  readonly index: number;
  readonly timestampDelta: bigint;
  readonly length: number;
}

function layOut(record: OutboundRecord, index: number, timestampDelta: bigint): RecordLayout {
  const names = record.headers.map(([name]) => Buffer.from(name, "utf8"));
  let length =
    1 + sizeOfLong(timestampDelta) + sizeOfInt(index) + sizeOfBytes(record.key) + sizeOfBytes(record.value);
  length += sizeOfInt(names.length);
  names.forEach((name, at) => {
    length += sizeOfBytes(name) + sizeOfBytes(record.headers[at]?.[1] ?? null);
  });
  return { record, names, index, timestampDelta, length };
}

const sizeOfBytes = (bytes: Uint8Array | null): number =>
  bytes === null ? sizeOfInt(-1) : sizeOfInt(bytes.length) + bytes.length;

function writeRecord(plain: Buffer, start: number, layout: RecordLayout): number {
  let at = writeInt(plain, start, layout.length);
  plain[at++] = 0;
  at = writeLong(plain, at, layout.timestampDelta);
  at = writeInt(plain, at, layout.index);
  at = writeBytes(plain, at, layout.record.key);
  at = writeBytes(plain, at, layout.record.value);
  at = writeInt(plain, at, layout.names.length);
  layout.names.forEach((name, index) => {
    at = writeBytes(plain, at, name);
    at = writeBytes(plain, at, layout.record.headers[index]?.[1] ?? null);
  });
  return at;
}

function writeBytes(plain: Buffer, at: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeInt(plain, at, -1);
  const start = writeInt(plain, at, bytes.length);
  plain.set(bytes, start);
  return start + bytes.length;
}

function check(bytes: Uint8Array, count: number): Result<CheckedBatch, string> {
  const batch = asBuffer(bytes);
  if (batch.length < BATCH_HEADER_BYTES) return failed("the batch is shorter than its header");
  const wrong = HEADER_RULES.find((rule) => !rule.holds(batch, count));
  if (wrong !== undefined) return failed(wrong.fault);
  const header = readBatchHeader(batch);
  try {
    const packed = batch.subarray(BATCH_HEADER_BYTES);
    const plain = unpack(header.attributes & ATTRIBUTE.codecMask, packed, CHECKED_PLAIN_BYTES_MAX);
    if (plain.length < count * RECORD_BYTES_MIN)
      return failed("the batch has fewer bytes than its records need");
    return checkRecords(new VarintReader(plain), header);
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
  let latest = 0n;
  let tombstones = 0;
  for (let index = 0; index < header.count; index += 1) {
    const length = reader.int();
    const end = reader.at + length;
    if (reader.take(1)[0] !== 0) return failed("a record has attributes");
    const delta = reader.long();
    if (index === 0 && delta !== 0n) return failed("the base timestamp is not that of the first record");
    if (delta > latest) latest = delta;
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
  return header.baseTimestamp + latest === header.maxTimestamp
    ? done({ tombstones })
    : failed("the latest timestamp is not the one announced");
}

/** Were there any? A length of −1 says that the bytes are null. */
function skipBytes(reader: VarintReader): boolean {
  const length = reader.int();
  if (length === -1) return false;
  reader.skip(length);
  return true;
}
