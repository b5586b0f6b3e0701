/** A Kafka record as it was read. Bytes are views into the batch they came in: copy what outlives it. */
export interface KafkaRecord {
  readonly offset: bigint;
  /** Milliseconds since 1970: CreateTime or LogAppendTime, as the topic is set. */
  readonly timestamp: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** Kafka keeps order and duplicates, and a value may be null. */
export type RecordHeader = readonly [name: string, value: Uint8Array | null];

/** A record to be written. */
export type OutboundRecord = Omit<KafkaRecord, "offset">;
