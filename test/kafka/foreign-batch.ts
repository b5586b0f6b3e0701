import { crc32c } from "@node-rs/crc32";
import { type CompressionAlgorithmValue, createRecordsBatch } from "@platformatic/kafka";
import { ATTRIBUTE, BATCH } from "../../src/kafka/record-batch.ts";

/** A record as another client writes it. */
export interface ForeignRecord {
  readonly key?: string;
  readonly value: string;
}

/** What a producer or a broker puts into the header of a batch. */
export interface ForeignBatch {
  readonly baseOffset?: bigint;
  readonly compression?: CompressionAlgorithmValue;
  readonly producerId?: bigint;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly logAppendTime?: bigint;
  readonly leaderEpoch?: number;
  /** Of the first record; each one after is a millisecond later. */
  readonly timestamp?: bigint;
  /** Offsets that compaction left: the last offset is larger than the count says. */
  readonly lastOffsetDelta?: number;
}

export const TIMESTAMP = 1_700_000_000_000n;

/** A batch by the encoder of another library, its header set as a broker's log would have it, and its checksum renewed. */
export function foreignBatch(
  records: readonly (ForeignRecord | Buffer)[],
  fields: ForeignBatch = {},
): Buffer {
  const messages = records.map((record, index) => ({
    topic: "t",
    timestamp: (fields.timestamp ?? TIMESTAMP) + BigInt(index),
    ...(Buffer.isBuffer(record)
      ? { key: record, value: Buffer.alloc(6) }
      : {
          ...(record.key === undefined ? {} : { key: Buffer.from(record.key) }),
          value: Buffer.from(record.value),
        }),
  }));
  const options = { compression: fields.compression ?? ("none" as const) };
  const batch = Buffer.from(
    createRecordsBatch(messages, options as Parameters<typeof createRecordsBatch>[1]).buffer,
  );
  let attributes = batch.readInt16BE(BATCH.attributes);
  if (fields.transactional === true) attributes |= ATTRIBUTE.transactional;
  if (fields.control === true) attributes |= ATTRIBUTE.control;
  if (fields.logAppendTime !== undefined) {
    attributes |= ATTRIBUTE.logAppendTime;
    batch.writeBigInt64BE(fields.logAppendTime, BATCH.maxTimestamp);
  }
  batch.writeInt16BE(attributes, BATCH.attributes);
  batch.writeBigInt64BE(fields.baseOffset ?? 0n, BATCH.baseOffset);
  batch.writeBigInt64BE(fields.producerId ?? -1n, BATCH.producerId);
  batch.writeInt32BE(fields.leaderEpoch ?? 0, BATCH.leaderEpoch);
  if (fields.lastOffsetDelta !== undefined) batch.writeInt32BE(fields.lastOffsetDelta, BATCH.lastOffsetDelta);
  return sealed(batch);
}

/** The key of a control record: version 0 and the type, 0 to abort and 1 to commit. */
export const markerKey = (type: 0 | 1): Buffer => Buffer.from([0, 0, 0, type]);

/** The batch that ends a transaction. */
export const marker = (baseOffset: bigint, producerId: bigint, type: 0 | 1): Buffer =>
  foreignBatch([markerKey(type)], { baseOffset, producerId, transactional: true, control: true });

/** Renews the checksum, for batches that are wrong in another way. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(BATCH.attributes)), BATCH.crc);
  return batch;
}
