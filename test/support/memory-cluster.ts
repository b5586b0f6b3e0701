import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { TargetCursor } from "../../src/kernel/ports.ts";
import type { KafkaRecord, OutboundRecord } from "../../src/kernel/record.ts";

/** What stands at some offsets of a log: a committed batch, or what no read_committed reader sees. */
interface Stretch {
  readonly base: bigint;
  /** The next offset after it. */
  readonly end: bigint;
  /** RecordBatch v2 with its base offset in it; undefined: aborted records, or a marker. */
  readonly batch: Uint8Array | undefined;
}

/** One partition. */
export class MemoryLog {
  #stretches: Stretch[] = [];
  start = 0n;
  end = 0n;

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Whether anything committed was ever written here. */
  get isUntouched(): boolean {
    return this.start === 0n && this.#stretches.every(({ batch }) => batch === undefined);
  }

  append(batch: Uint8Array, count: number): void {
    const stamped = Buffer.from(batch);
    // The base offset stands before what the checksum covers, so that a broker can set it.
    stamped.writeBigInt64BE(this.end, 0);
    this.#add(BigInt(count), stamped);
  }

  /** Offsets that hold nothing for a read_committed reader. */
  skip(offsets: number): void {
    this.#add(BigInt(offsets), undefined);
  }

  truncateBelow(offset: bigint): void {
    this.start = offset;
    this.#stretches = this.#stretches.filter(({ end }) => end > offset);
  }

  records(): readonly KafkaRecord[] {
    return this.#stretches.flatMap(({ batch }) =>
      batch === undefined ? [] : recordCodec.decode(batch, this.start, 64 * 1024 * 1024),
    );
  }

  #add(offsets: bigint, batch: Uint8Array | undefined): void {
    const base = this.end;
    this.end += offsets;
    this.#stretches.push({ base, end: this.end, batch });
  }
}

export interface MemoryTopic {
  readonly topicId: string;
  readonly config: Readonly<Record<string, string>>;
  readonly logs: readonly MemoryLog[];
}

/** A Kafka cluster in memory: topics with ids, group offsets, and the epochs of transactional ids. */
export class MemoryCluster {
  readonly topics = new Map<string, MemoryTopic>();
  /** `group topic partition` → what is committed. */
  readonly cursors = new Map<string, TargetCursor>();
  /** Transactional id → epoch of its living holder. */
  readonly epochs = new Map<string, number>();
  #changed = Promise.withResolvers<void>();

  makeTopic(name: string, partitions: number, config: Readonly<Record<string, string>> = {}): MemoryTopic {
    const logs = Array.from({ length: partitions }, () => new MemoryLog());
    const topic = { topicId: randomBytes(16).toString("hex"), config, logs };
    this.topics.set(name, topic);
    this.wake();
    return topic;
  }

  deleteTopic(name: string): void {
    this.topics.delete(name);
    for (const key of this.cursors.keys()) if (key.split(" ")[1] === name) this.cursors.delete(key);
    this.wake();
  }

  /** Throws SOURCE_MISSING. */
  topic(name: string): MemoryTopic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw new MeshError("SOURCE_MISSING", `The topic ${name} does not exist.`);
    return topic;
  }

  log(topic: string, partition: number): MemoryLog {
    const log = this.topic(topic).logs[partition];
    assert(log !== undefined, "The topic has that partition.");
    return log;
  }

  append(topic: string, partition: number, records: readonly OutboundRecord[]): void {
    this.log(topic, partition).append(recordCodec.encode(records), records.length);
    this.wake();
  }

  /** Resolves with the next change of anything. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
