import { crc32c } from "@node-rs/crc32";

/** Bytes of a RecordBatch v2 before its records (Kafka message format, "Record Batch"). */
export const BATCH_HEADER_BYTES = 61;
/** Bytes before what `length` counts: base offset and the length itself. */
const LENGTH_PREFIX_BYTES = 12;

/** Where each field of a RecordBatch v2 stands. All big-endian. */
export const BATCH = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const;

/** Bits of `attributes`. */
export const ATTRIBUTE = {
  codecMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const;

/** The header fields that decide what happens to a batch. */
export interface BatchHeader {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** Of the whole batch, header included. */
  readonly byteLength: number;
  readonly leaderEpoch: number;
  readonly attributes: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly count: number;
}

/** The same bytes as a Buffer; nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes of the batch that begins at `at`, by its own word; undefined when `bytes` end before that. */
export function batchLength(bytes: Buffer, at: number): number | undefined {
  if (at + BATCH_HEADER_BYTES > bytes.length) return undefined;
  const length = LENGTH_PREFIX_BYTES + bytes.readInt32BE(at + BATCH.length);
  return at + length > bytes.length ? undefined : length;
}

/** Reads the header of a batch of at least `BATCH_HEADER_BYTES`. Checks nothing. */
export function readBatchHeader(batch: Buffer): BatchHeader {
  const baseOffset = batch.readBigInt64BE(BATCH.baseOffset);
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(batch.readInt32BE(BATCH.lastOffsetDelta)),
    byteLength: LENGTH_PREFIX_BYTES + batch.readInt32BE(BATCH.length),
    leaderEpoch: batch.readInt32BE(BATCH.leaderEpoch),
    attributes: batch.readInt16BE(BATCH.attributes),
    baseTimestamp: batch.readBigInt64BE(BATCH.baseTimestamp),
    maxTimestamp: batch.readBigInt64BE(BATCH.maxTimestamp),
    producerId: batch.readBigInt64BE(BATCH.producerId),
    count: batch.readInt32BE(BATCH.count),
  };
}

/** True when the CRC-32C over everything from the attributes on is the one in the header. */
export function checksumHolds(batch: Buffer): boolean {
  return crc32c(batch.subarray(BATCH.attributes)) === batch.readUInt32BE(BATCH.crc);
}

/** What `writeBatchHeader` can't know by itself. */
export interface NewBatch {
  readonly codec: number;
  readonly count: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
}

/** Writes every byte of the header of a batch with base offset 0 and no producer; `batch` holds its records already. */
export function writeBatchHeader(batch: Buffer, fields: NewBatch): void {
  batch.writeBigInt64BE(0n, BATCH.baseOffset);
  batch.writeInt32BE(batch.length - LENGTH_PREFIX_BYTES, BATCH.length);
  batch.writeInt32BE(-1, BATCH.leaderEpoch);
  batch.writeInt8(2, BATCH.magic);
  batch.writeInt16BE(fields.codec, BATCH.attributes);
  batch.writeInt32BE(fields.count - 1, BATCH.lastOffsetDelta);
  batch.writeBigInt64BE(fields.baseTimestamp, BATCH.baseTimestamp);
  batch.writeBigInt64BE(fields.maxTimestamp, BATCH.maxTimestamp);
  batch.writeBigInt64BE(-1n, BATCH.producerId);
  batch.writeInt16BE(-1, BATCH.producerEpoch);
  batch.writeInt32BE(-1, BATCH.baseSequence);
  batch.writeInt32BE(fields.count, BATCH.count);
  batch.writeUInt32BE(crc32c(batch.subarray(BATCH.attributes)), BATCH.crc);
}

/** Who writes a batch: what the broker deduplicates and fences by. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
}

/**
 * The batch as this producer sends it, in two parts: a new header and the records as they were. The given bytes stay as
 * they are, so that they can be sent again by another producer. Of the attributes only the codec is kept: a broker takes
 * LogAppendTime and delete-horizon bits of others at their word.
 */
export function stampBatch(batch: Buffer, stamp: ProducerStamp): readonly [header: Buffer, records: Buffer] {
  const header = Buffer.from(batch.subarray(0, BATCH_HEADER_BYTES));
  const records = batch.subarray(BATCH_HEADER_BYTES);
  const codec = header.readInt16BE(BATCH.attributes) & ATTRIBUTE.codecMask;
  header.writeBigInt64BE(0n, BATCH.baseOffset);
  header.writeInt32BE(-1, BATCH.leaderEpoch);
  header.writeInt16BE(codec | (stamp.transactional ? ATTRIBUTE.transactional : 0), BATCH.attributes);
  header.writeBigInt64BE(stamp.producerId, BATCH.producerId);
  header.writeInt16BE(stamp.producerEpoch, BATCH.producerEpoch);
  header.writeInt32BE(stamp.baseSequence, BATCH.baseSequence);
  header.writeUInt32BE(crc32c(records, crc32c(header.subarray(BATCH.attributes))), BATCH.crc);
  return [header, records];
}
