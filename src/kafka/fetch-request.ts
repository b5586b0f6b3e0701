import { LIMITS } from "../kernel/limits.ts";
import type { AbortedTransaction } from "./read-committed.ts";
import type { WireReader } from "./wire.ts";
import { WireWriter } from "./wire-writer.ts";

/** Fetch by topic id (KIP-516), Kafka 3.1 and later. */
export const FETCH = { key: 1, version: 13 } as const;

const READ_COMMITTED = 1;
/** "Sessionless": every request names its partitions (KIP-227). */
const NO_SESSION = { id: 0, epoch: -1 } as const;
const CONSUMER = -1;

/** One partition to fetch from. Epochs are −1 when not known. */
export interface FetchPartition {
  readonly partition: number;
  readonly offset: bigint;
  /** Of the leader as the metadata has it: an older or newer leader refuses (KIP-320). */
  readonly currentLeaderEpoch: number;
  /** Of the last batch read: the leader compares it with its log and finds truncation (KIP-595). */
  readonly lastFetchedEpoch: number;
}

/** One partition's part of the answer. */
export interface FetchedPartition {
  readonly partition: number;
  /** Error code of the protocol, 0 for none. */
  readonly error: number;
  readonly logStart: bigint;
  /** Behind the last record that is committed. */
  readonly lastStable: bigint;
  readonly aborted: readonly AbortedTransaction[];
  /** Where the leader's log parts from what was read before; undefined when it does not. */
  readonly divergesAt: bigint | undefined;
  readonly records: Buffer | null;
}

export interface FetchAnswer {
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
}

/** How much one answer may hold; a single batch that is larger comes all the same, alone. */
export interface FetchSizes {
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
}

export const FETCH_SIZES: FetchSizes = {
  bytesMax: LIMITS.fetchBytesMax,
  partitionBytesMax: LIMITS.fetchPartitionBytesMax,
};

/** Waits up to `maxWaitMs` on the broker for the first byte. */
export function writeFetch(
  topicId: string,
  partitions: readonly FetchPartition[],
  maxWaitMs: number,
  sizes: FetchSizes,
): WireWriter {
  return new WireWriter()
    .int32(CONSUMER)
    .int32(maxWaitMs)
    .int32(1)
    .int32(sizes.bytesMax)
    .int8(READ_COMMITTED)
    .int32(NO_SESSION.id)
    .int32(NO_SESSION.epoch)
    .list([topicId], (topics, id) => {
      topics
        .uuid(id)
        .list(partitions, (w, row) => {
          w.int32(row.partition)
            .int32(row.currentLeaderEpoch)
            .int64(row.offset)
            .int32(row.lastFetchedEpoch)
            .int64(-1n)
            .int32(sizes.partitionBytesMax)
            .tags();
        })
        .tags();
    })
    .list([], () => {})
    .text("")
    .tags();
}

/** Leaves the records as bytes: views into the answer. */
export function readFetch(reader: WireReader): FetchAnswer {
  reader.int32();
  const error = reader.int16();
  reader.int32();
  const topics = reader.list(() => {
    reader.uuid();
    const partitions = reader.list(readPartition);
    reader.tags();
    return partitions;
  });
  return { error, partitions: topics.flat() };
}

function readPartition(reader: WireReader): FetchedPartition {
  const partition = reader.int32();
  const error = reader.int16();
  reader.int64();
  const lastStable = reader.int64();
  const logStart = reader.int64();
  const aborted = reader.list(() => {
    const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
    reader.tags();
    return transaction;
  });
  reader.int32();
  const records = reader.data();
  let divergesAt: bigint | undefined;
  reader.tags({
    0: () => {
      reader.int32();
      divergesAt = reader.int64();
    },
  });
  return { partition, error, logStart, lastStable, aborted, divergesAt, records };
}
