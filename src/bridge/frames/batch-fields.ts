/** Where these fields stand in a RecordBatch v2 (Kafka message format), big-endian. */
const BASE_OFFSET = 0;
const LEADER_EPOCH = 12;
const MAX_TIMESTAMP = 35;

/** Of its first record. */
export const baseOffsetOf = (batch: Uint8Array): bigint => viewOf(batch).getBigInt64(BASE_OFFSET);

export const leaderEpochOf = (batch: Uint8Array): number => viewOf(batch).getInt32(LEADER_EPOCH);

/** Ms since 1970: the broker's where the topic is set to LogAppendTime, else the largest that a producer wrote. */
export const maxTimestampOf = (batch: Uint8Array): number => Number(viewOf(batch).getBigInt64(MAX_TIMESTAMP));

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
