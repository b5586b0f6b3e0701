import { CODEC } from "../../src/kafka/compression.ts";
import {
  asBuffer,
  BATCH_HEADER_BYTES,
  checksumHolds,
  writeBatchHeader,
} from "../../src/kafka/record-batch.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { sizeOfInt, writeInt } from "../../src/kafka/varint.ts";
import type { RecordCodec } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { done, failed } from "../../src/kernel/result.ts";

const NO_KEY = -1;

/** Bytes of a record behind its length: attributes, time, place in the batch, no key, value, no headers. */
const sizeOf = (value: Uint8Array, index: number): number =>
  2 + sizeOfInt(index) + sizeOfInt(NO_KEY) + sizeOfInt(value.length) + value.length + 1;

/** Uncompressed batches of records with a value alone, at one time: what there is to pack is no part of what is simulated. */
export const plainCodec: RecordCodec = {
  ...recordCodec,
  encode: (records) => {
    const values = records.map(({ value }) => value ?? new Uint8Array(0));
    const sizes = values.map(sizeOf);
    const length = sizes.reduce((sum, size) => sum + sizeOfInt(size) + size, 0);
    const batch = Buffer.alloc(BATCH_HEADER_BYTES + length);
    let at = BATCH_HEADER_BYTES;
    for (const [index, value] of values.entries()) {
      at = writeInt(batch, at, sizes[index] ?? 0) + 2;
      at = writeInt(batch, at, index);
      at = writeInt(batch, at, NO_KEY);
      at = writeInt(batch, at, value.length);
      batch.set(value, at);
      at += value.length + 1;
    }
    const time = records[0]?.timestamp ?? 0n;
    const times = { baseTimestamp: time, maxTimestamp: time };
    writeBatchHeader(batch, { codec: CODEC.none, count: records.length, ...times });
    return batch;
  },
  check: (batch, count) => {
    if (!checksumHolds(asBuffer(batch))) return failed("its checksum does not hold");
    const found = recordCodec.decode(batch, 0n, 1 << 20).length;
    return found === count ? done({ tombstones: 0 }) : failed("it holds another number of records");
  },
};

export const recordOf = (text: string, timestamp: number): OutboundRecord => ({
  timestamp: BigInt(timestamp),
  key: null,
  value: Buffer.from(text),
  headers: [],
});
