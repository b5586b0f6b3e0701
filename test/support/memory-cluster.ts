import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { TargetCursor } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import type { MemoryGroups } from "./memory-groups.ts";
import { MemoryLog } from "./memory-log.ts";
import { MemoryTransactions } from "./memory-transactions.ts";

export interface MemoryTopic {
  readonly topicId: string;
  readonly config: Readonly<Record<string, string>>;
  readonly logs: MemoryLog[];
}

/** How a request reaches a broker: `deed` is what the broker does. May take time, fail before it or after it, or never answer. */
export type Call = <Answer>(doing: string, deed: () => Answer | Promise<Answer>) => Promise<Answer>;

/** Every request is answered at once. */
export const answered: Call = async (_, deed) => await deed();

/** A Kafka cluster in memory: topics with ids, group offsets, and transactions. */
export class MemoryCluster {
  readonly topics = new Map<string, MemoryTopic>();
  /** `group topic partition` → what is committed. */
  readonly cursors = new Map<string, TargetCursor>();
  readonly transactions = new MemoryTransactions(this.cursors);
  /** Undefined: nobody shares anything here. */
  groups: MemoryGroups | undefined;
  readonly #makeId: () => string;
  #changed = Promise.withResolvers<void>();

  constructor(makeId: () => string = () => randomBytes(16).toString("hex")) {
    this.#makeId = makeId;
  }

  makeTopic(name: string, partitions: number, config: Readonly<Record<string, string>> = {}): MemoryTopic {
    const logs = Array.from({ length: partitions }, () => new MemoryLog());
    const topic = { topicId: this.#makeId(), config, logs };
    this.topics.set(name, topic);
    this.wake();
    return topic;
  }

  deleteTopic(name: string): void {
    this.topics.delete(name);
    for (const key of this.cursors.keys()) if (key.split(" ")[1] === name) this.cursors.delete(key);
    this.transactions.forget(name);
    this.wake();
  }

  /** More partitions, up to that number. */
  growTopic(name: string, partitions: number): void {
    const { logs } = this.topic(name);
    while (logs.length < partitions) logs.push(new MemoryLog());
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
