import { MeshError } from "../../src/kernel/error.ts";
import type {
  ReplicaLink,
  ReplicaSink,
  ReplicaWrite,
  ReplicaWriter,
  TargetCursor,
} from "../../src/kernel/ports.ts";
import type { MemoryCluster } from "./memory-cluster.ts";

/** Called before and after a transaction's end; what it throws, the writer throws. */
export type CommitFault = (moment: "before" | "after", writes: readonly ReplicaWrite[]) => void;

export function memoryReplicaSink(cluster: MemoryCluster, fault: CommitFault = () => undefined): ReplicaSink {
  return {
    open: async (link, signal) => {
      signal.throwIfAborted();
      const topic =
        cluster.topics.get(link.topic) ?? cluster.makeTopic(link.topic, link.partitions, link.topicConfig);
      if (topic.logs.length < link.partitions)
        throw new MeshError("TARGET_TOPIC", `The replica topic ${link.topic} has too few partitions.`);
      const epoch = (cluster.epochs.get(link.transactionalId) ?? 0) + 1;
      cluster.epochs.set(link.transactionalId, epoch);
      await Promise.resolve();
      return new MemoryReplicaWriter(cluster, link, epoch, fault);
    },
  };
}

class MemoryReplicaWriter implements ReplicaWriter {
  readonly cursors: ReadonlyMap<number, TargetCursor>;
  readonly empty: ReadonlySet<number>;
  readonly #cluster: MemoryCluster;
  readonly #link: ReplicaLink;
  readonly #epoch: number;
  readonly #fault: CommitFault;
  #dead: unknown;

  constructor(cluster: MemoryCluster, link: ReplicaLink, epoch: number, fault: CommitFault) {
    this.#cluster = cluster;
    this.#link = link;
    this.#epoch = epoch;
    this.#fault = fault;
    const { logs } = cluster.topic(link.topic);
    this.cursors = new Map(
      logs.flatMap((_, partition) => {
        const cursor = cluster.cursors.get(this.#keyOf(partition));
        return cursor === undefined ? [] : [[partition, cursor]];
      }),
    );
    this.empty = new Set([...logs.keys()].filter((partition) => logs[partition]?.isUntouched));
  }

  /** All or nothing: nothing is awaited between the first write and the last. */
  async commit(writes: readonly ReplicaWrite[]): Promise<void> {
    await Promise.resolve();
    if (this.#dead !== undefined) throw this.#dead;
    try {
      if (this.#cluster.epochs.get(this.#link.transactionalId) !== this.#epoch)
        throw new MeshError("LINK_FENCED", "Another holder of the transactional id took over.");
      this.#fault("before", writes);
      for (const { partition, batch, count, cursor } of writes) {
        const log = this.#cluster.log(this.#link.topic, partition);
        if (batch !== undefined) log.append(batch, count);
        this.#cluster.cursors.set(this.#keyOf(partition), cursor);
      }
      for (const partition of new Set(writes.map((write) => write.partition)))
        this.#cluster.log(this.#link.topic, partition).skip(1);
      this.#cluster.wake();
      this.#fault("after", writes);
    } catch (error) {
      this.#dead = error;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  #keyOf(partition: number): string {
    return `${this.#link.group} ${this.#link.topic} ${partition}`;
  }
}
