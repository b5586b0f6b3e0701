import { gzipSync, zstdCompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import { CODEC } from "../../src/kafka/compression.ts";
import { ATTRIBUTE, BATCH, BATCH_HEADER_BYTES, writeBatchHeader } from "../../src/kafka/record-batch.ts";
import { sizeOfInt, sizeOfLong, writeInt, writeLong } from "../../src/kafka/varint.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { RecordHeader } from "../../src/kernel/record.ts";

/** A record as it stands in a batch of the source. */
export interface SourceRecord {
  /** Added to those of the batch. */
  readonly offset: number;
  readonly time: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

export interface SourceShape {
  readonly records: readonly SourceRecord[];
  readonly codec: keyof typeof CODEC;
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  /** The topic keeps the time of appending, and this is it. */
  readonly appended: bigint | undefined;
}

const PACKERS: Readonly<Record<keyof typeof CODEC, (plain: Buffer) => Uint8Array>> = {
  none: (plain) => plain,
  gzip: (plain) => gzipSync(plain),
  snappy: (plain) => compressionsAlgorithms.snappy.compressSync(plain),
  lz4: (plain) => compressionsAlgorithms.lz4.compressSync(plain),
  zstd: (plain) => zstdCompressSync(plain),
};

/** The plain bytes of records, in any order of offsets. */
export const plainOf = (records: readonly SourceRecord[]): Buffer => Buffer.concat(records.map(recordBytes));

function recordBytes({ offset, time, key, value, headers }: SourceRecord): Buffer {
  const head = Buffer.alloc(1 + sizeOfLong(time) + sizeOfInt(offset));
  writeInt(head, writeLong(head, 1, time), offset);
  const parts = [head, sized(key), sized(value), varint(headers.length)];
  for (const [name, content] of headers) parts.push(sized(Buffer.from(name)), sized(content));
  const inner = Buffer.concat(parts);
  return Buffer.concat([varint(inner.length), inner]);
}

const varint = (value: number): Buffer => {
  const bytes = Buffer.alloc(sizeOfInt(value));
  writeInt(bytes, 0, value);
  return bytes;
};
const sized = (bytes: Uint8Array | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

/** A batch as a producer and a broker would make it; its checksum is that of its bytes. */
export function sourceBatch(shape: SourceShape, packed = packedOf(shape)): Buffer {
  const { records, codec, baseOffset, baseTimestamp, appended } = shape;
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), packed]);
  const count = records.length;
  writeBatchHeader(batch, {
    codec: CODEC[codec],
    count,
    baseTimestamp,
    maxTimestamp: appended ?? baseTimestamp,
  });
  batch.writeBigInt64BE(baseOffset, BATCH.baseOffset);
  if (appended !== undefined) batch.writeInt16BE(CODEC[codec] | ATTRIBUTE.logAppendTime, BATCH.attributes);
  return batch;
}

export const packedOf = ({ records, codec }: Pick<SourceShape, "records" | "codec">): Uint8Array =>
  Buffer.from(PACKERS[codec](plainOf(records)));

/** A run of batches, read from this offset on to before another one. */
export const runOf = (batches: readonly Uint8Array[], from = 0n, end = 2n ** 62n): SourceBatch => ({
  from: { partition: 3, offset: from, leaderEpoch: 0 },
  next: { partition: 3, offset: end, leaderEpoch: 0 },
  batches,
  end,
});
