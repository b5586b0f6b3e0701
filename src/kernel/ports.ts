import type { KeyObject } from "node:crypto";
import type { Decision } from "./decision.ts";
import type { MeshError } from "./error.ts";
import type { Json } from "./json.ts";
import type { LinkShare } from "./link-groups.ts";
import type { KafkaRecord, OutboundRecord } from "./record.ts";
import type { Result } from "./result.ts";

/** Time, so that a test can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Where the reading of a partition stands. Survives only as long as the topic that it names. */
export interface SourcePosition {
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: bigint;
  /** Leader epoch of the last batch read (KIP-320), −1 before the first. */
  readonly leaderEpoch: number;
}

export interface TopicDescription {
  readonly name: string;
  /** 32 hex digits: the topic's own id, another one when it is deleted and made again. */
  readonly topicId: string;
  readonly partitions: number;
}

/** A run of committed record batches of one partition, as bytes. */
export interface SourceBatch {
  /** Where this run began: records of the first batch below `from.offset` were read before. */
  readonly from: SourcePosition;
  /** Where the next run begins; moves also over aborted, control and compacted-away offsets. */
  readonly next: SourcePosition;
  /** RecordBatch v2 each (Kafka message format), CRC-32C checked, any codec, committed data only. May be empty. */
  readonly batches: readonly Uint8Array[];
  /** Behind the last committed record of the partition, as the broker said with this run: `end - next.offset` are still to come. */
  readonly end: bigint;
  /**
   * To be called, once, by who has read the last byte of `batches`: their memory is then used for other records. Whoever
   * keeps bytes, or does not care, leaves it: that costs time, and never a record.
   */
  readonly release?: () => void;
}

/** A partition that can't be read on: nothing more comes of it in this reading, the others go on. */
export interface SourceWedge {
  readonly partition: number;
  /** SOURCE_CORRUPT, SOURCE_CODEC, SOURCE_TRUNCATED. */
  readonly error: MeshError;
}

/**
 * Reads a topic of the company's own Kafka.
 * Guarantees: 1 batches of a partition come in offset order without a gap but for aborted, control and compacted records;
 * 2 aborted data never shows (Java client's read_committed algorithm); 3 a topic made again or gone throws SOURCE_RECREATED /
 * SOURCE_MISSING, new partitions throw STREAM_CHANGED, a partition that is truncated, expired below its position or corrupt is
 * told as a wedge: never a jump; 4 the next fetch leaves only when the
 * batches before were taken, so memory is bounded by LIMITS.fetchBytesMax and one answer ahead.
 */
export interface TopicSource {
  /** Throws SOURCE_MISSING, KAFKA_UNAVAILABLE. */
  describe(topic: string): Promise<TopicDescription>;
  /** Positions for every partition; `time` in ms since 1970. */
  positions(
    topic: string,
    at: "earliest" | "latest" | { readonly time: number },
  ): Promise<readonly SourcePosition[]>;
  /** Endless until `signal` aborts. `topic.topicId` is what must be there still. One partition's run at a time. */
  read(
    topic: TopicDescription,
    from: readonly SourcePosition[],
    signal: AbortSignal,
  ): AsyncIterable<SourceBatch | SourceWedge>;
}

/** Record batches to records and back. */
export interface RecordCodec {
  /** Bytes: RecordBatch v2. Throws SOURCE_CODEC, SOURCE_CORRUPT. Records below `from` are left out. */
  decode(batch: Uint8Array, from: bigint, bytesMax: number): readonly KafkaRecord[];
  /** What a batch says of its records, without looking at any. Throws SOURCE_CODEC, SOURCE_CORRUPT. */
  look(batch: Uint8Array): BatchLook;
  /** The records of a batch as plain bytes. Throws SOURCE_CODEC (also for more than `bytesMax`), SOURCE_CORRUPT. */
  unpack(look: BatchLook, bytesMax: number): Uint8Array;
  /** The record that begins at `at` in plain bytes, and where the next one does. Throws SOURCE_CORRUPT. */
  read(
    plain: Uint8Array,
    at: number,
    look: BatchLook,
  ): { readonly record: KafkaRecord; readonly next: number };
  /** One RecordBatch v2, base offset 0, zstd, no producer, CRC set, every byte written. At least one record. */
  encode(records: readonly OutboundRecord[]): Uint8Array;
  /** A record as it stands in the plain bytes of such a batch; `base` is the timestamp of the first one. */
  write(record: OutboundRecord, index: number, base: bigint): Uint8Array;
  /** Such a batch of plain bytes that hold its records, which are numbered from 0 without a gap. */
  seal(plain: Uint8Array, records: SealedRecords): Uint8Array;
  /** Is the batch one that `encode` could have made, with `count` records? What it holds, or what is wrong with it. */
  check(batch: Uint8Array, count: number): Result<CheckedBatch, string>;
}

/** A batch before its records are unpacked. Views into the batch: copy what outlives it. */
export interface BatchLook {
  readonly codec: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  /** Records; 0 also where they are the broker's own (a control batch). */
  readonly count: number;
  readonly baseOffset: bigint;
  /** Ms since 1970: what the records' own times are counted from. */
  readonly baseTimestamp: bigint;
  /** The time of all its records, where the topic keeps the time of appending. */
  readonly appended: bigint | undefined;
  readonly packed: Uint8Array;
}

/** What the header of a batch says of its records. */
export interface SealedRecords {
  readonly count: number;
  /** Timestamp of the first record, and the latest one. */
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
}

/** What a look at every record of a batch shows, without making any. */
export interface CheckedBatch {
  /** Records with a null value. */
  readonly tombstones: number;
}

/** What a committed cursor looks like in the target cluster: the offset commit of group × topic × partition. */
export interface TargetCursor {
  readonly partition: number;
  /** Sequence of the next record. */
  readonly sequence: bigint;
  /** At most 4096 bytes of text. */
  readonly metadata: string;
}

export interface ReplicaWrite {
  readonly partition: number;
  /** RecordBatch v2 with base offset 0 and without producer; undefined: only the cursor moves. */
  readonly batch: Uint8Array | undefined;
  readonly count: number;
  readonly cursor: TargetCursor;
}

/**
 * Writes one link's replica topic: records and cursors in one transaction of the target cluster.
 * Guarantees: 1 `open` fences every other holder of the transactional id before it reads the cursors; 2 `commit` is all or
 * nothing for a read_committed reader, in order per partition; 3 after a throw the writer is dead: open anew, the cursors
 * tell what happened.
 */
export interface ReplicaSink<Writer extends ReplicaWriter = ReplicaWriter> {
  /**
   * Makes the topic if it is not there, adds partitions if the link has more, and brings its retention, cleanup policy,
   * message size and timestamps into step with the link. LINK_CURSOR_LOST is the caller's to find: see `empty`.
   * Throws LINK_SHARED (without a share, where the group has or had members: `context.members` says how many it has),
   * LINK_REBALANCED, KAFKA_DENIED, KAFKA_REFUSED, KAFKA_UNAVAILABLE.
   */
  open(link: ReplicaLink, signal: AbortSignal): Promise<Writer>;
}
export interface ReplicaLink {
  readonly topic: string;
  readonly partitions: number;
  /** Consumer group that holds the cursors, `tiermesh.<agreement>`. */
  readonly group: string;
  readonly transactionalId: string;
  readonly topicConfig: Readonly<Record<string, string>>;
  /** What of the link is this process's; absent: all of it, and the group must have no members. */
  readonly share?: LinkShare;
}

export interface ReplicaWriter {
  /** Of the link's share, where it has one. */
  readonly cursors: ReadonlyMap<number, TargetCursor>;
  /** Partitions whose log holds no record at all. */
  readonly empty: ReadonlySet<number>;
  /**
   * One transaction; writes of a partition stand in their order. May be called again before the call before has resolved:
   * transactions take place in the order of the calls, and one that fails takes those behind it with it. When it resolves,
   * the batches' memory is the caller's again.
   * Throws LINK_FENCED, LINK_REBALANCED (the group has formed anew), KAFKA_UNAVAILABLE, KAFKA_REFUSED (with
   * `context.refusedPartition` where a batch of that partition was refused for what it is).
   */
  commit(writes: readonly ReplicaWrite[]): Promise<void>;
  /** Waits for the commits under way. */
  close(): Promise<void>;
  /** Ends the connections at once: commits under way fail, and none of them is completed any more. */
  cut?(): void;
}

/** A writer whose transactions may be aborted until they end. */
export interface TransactionalWriter extends ReplicaWriter {
  /** As `commit`; begun at once, committed after `durable` has resolved, aborted when that rejects, whose reason it throws. */
  commitAfter(durable: Promise<void>, writes: readonly ReplicaWrite[]): Promise<void>;
}

/** A topic of the gateway's own: registry or audit. One partition each, so that there is one order. */
export interface Journal {
  /** Resolves with the offset once all in-sync replicas have it (acks=all). Throws KAFKA_UNAVAILABLE. */
  append(topic: string, entries: readonly JournalEntry[]): Promise<void>;
  /**
   * From the start, in order, committed entries. Ends at the end of the topic as it was when called, or with `follow`
   * goes on until `signal` aborts; `onCaughtUp` is called when the end as of the call is reached.
   */
  read(
    topic: string,
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly follow?: boolean;
      readonly onCaughtUp?: () => void;
    },
  ): AsyncIterable<StoredEntry>;
  /** Makes the topic when it is not there. */
  ensure(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
}
export interface JournalEntry {
  readonly key: string | null;
  readonly value: Uint8Array | null;
}
export interface StoredEntry extends JournalEntry {
  readonly offset: bigint;
  readonly timestamp: bigint;
}

/** Durable means: `append` resolves after the decision is acknowledged by all in-sync replicas; nothing leaves before. */
export interface DecisionLog {
  /**
   * `stands` is asked right before they are written: where it says no, others decide on the same records already, and these are not
   * written. Throws AUDIT_UNAVAILABLE, then LINK_REBALANCED.
   */
  append(decisions: readonly Decision[], stands?: () => boolean): Promise<void>;
}

/** Keyed pseudonyms of one company for one partner. */
export interface PseudonymKeys {
  readonly epoch: number;
  /** HMAC-SHA-256 key for partner × domain at this epoch; the same object for the same arguments. */
  key(partner: string, domain: string): KeyObject;
}

/** Where a value stands: what its ciphertext is bound to. */
export interface SealedPlace {
  /** Agreement id. */
  readonly agreement: string;
  /** Digest of the contract. */
  readonly contract: string;
  /** Path of the field in the contract. */
  readonly path: string;
  /** `id` of the CloudEvent as it leaves. */
  readonly eventId: string;
}

/** Encrypts values for one partner (action `encrypt`). Deterministic: the same value at the same place is the same text. */
export interface FieldSealer {
  /**
   * `plain` is JSON text. A compact JWE (RFC 7516) with AES-256-GCM for the recipient's X25519 key. `age` picks the content key: it is
   * another one each day and every 2^20 records of a partition.
   */
  seal(
    plain: string,
    place: SealedPlace,
    role: string,
    recipient: { readonly kid: string; readonly x: string },
    age: { readonly now: number; readonly partition: number; readonly sequence: number },
  ): string;
}

/** All that editing a field may need besides the plan. */
export interface FieldKeys {
  readonly pseudonyms: PseudonymKeys;
  readonly sealer: FieldSealer;
}

/** Keys from which those are derived that make names which say nothing: event ids and places. */
export interface OpaqueKeys {
  /** HMAC-SHA-256 key by use: `event-id` or `place`. */
  opaque(use: string): KeyObject;
}

/** A partner's gateway, reached over mutual TLS with the pins of its card. */
export interface PartnerClient {
  /** Throws PARTNER_UNREACHABLE, PARTNER_KEY_MISMATCH, PARTNER_REFUSED (its problem's code in `context.code`), PARTNER_ANSWER_INVALID. */
  json(method: "GET" | "POST", path: string, body?: Json): Promise<Json>;
  /** The bytes of an answer without an end; the iteration throws PARTNER_UNREACHABLE when the connection breaks. */
  stream(
    method: "GET" | "POST",
    path: string,
    body: Json | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}
