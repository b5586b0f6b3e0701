import assert from "node:assert";
import { Buffer } from "node:buffer";
import { discard } from "../kernel/discard.ts";
import type { RecordCodec, SealedRecords } from "../kernel/ports.ts";
import type { OutboundRecord } from "../kernel/record.ts";
import { CODEC, packZstd } from "./compression.ts";
import { asBuffer, BATCH_HEADER_BYTES, writeBatchHeader } from "./record-batch.ts";
import { sizeOfInt, sizeOfLong, writeInt, writeLong } from "./varint.ts";

/** Makes batches as a producer without an id would. */
export const recordWriter: Pick<RecordCodec, "encode" | "write" | "seal"> = {
  encode(records) {
    const base = records[0]?.timestamp;
    assert(base !== undefined, "a batch holds at least one record");
    const layouts = records.map((record, index) => layOut(record, index, base));
    let maxTimestamp = base;
    for (const { timestamp } of records) if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    return seal(written(layouts), { count: records.length, baseTimestamp: base, maxTimestamp });
  },
  write: (record, index, base) => written([layOut(record, index, base)]),
  seal,
};

function seal(plain: Uint8Array, { count, baseTimestamp, maxTimestamp }: SealedRecords): Uint8Array {
  const packed = packZstd(asBuffer(plain));
  const batch = Buffer.allocUnsafe(BATCH_HEADER_BYTES + packed.length);
  packed.copy(batch, BATCH_HEADER_BYTES);
  discard(packed);
  writeBatchHeader(batch, { codec: CODEC.zstd, count, baseTimestamp, maxTimestamp });
  return batch;
}

function written(layouts: readonly RecordLayout[]): Buffer {
  const plain = Buffer.allocUnsafe(
    layouts.reduce((sum, layout) => sum + sizeOfInt(layout.length) + layout.length, 0),
  );
  let at = 0;
  for (const layout of layouts) at = writeRecord(plain, at, layout);
  assert.equal(at, plain.length, "every byte is written");
  return plain;
}

/** A record measured: `length` is what stands before it. */
interface RecordLayout {
  readonly record: OutboundRecord;
  readonly names: readonly Buffer[];
  readonly index: number;
  readonly timestampDelta: bigint;
  readonly length: number;
}

function layOut(record: OutboundRecord, index: number, base: bigint): RecordLayout {
  const timestampDelta = BigInt.asIntN(64, record.timestamp - base);
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
