import { transactionalIds } from "../../src/kafka/transactional-ids.ts";
import type {
  ReplicaLink,
  ReplicaSink,
  ReplicaWrite,
  TargetCursor,
  TransactionalWriter,
} from "../../src/kernel/ports.ts";
import { answered, type Call, type MemoryCluster } from "./memory-cluster.ts";
import type { MemoryGroups } from "./memory-groups.ts";

/** Called before and after a transaction's end; what it throws, the writer throws. */
export type CommitFault = (moment: "before" | "after", writes: readonly ReplicaWrite[]) => void;

/** So many transactional ids take turns, fewer than in src/kafka/replica-sink.ts. */
const TURNS = 2;

/** The requests of src/kafka/replica-sink.ts, in their order, to a cluster in memory. */
export function memoryReplicaSink(
  cluster: MemoryCluster,
  fault: CommitFault = () => undefined,
  call: Call = answered,
): ReplicaSink<TransactionalWriter> {
  return {
    open: async (link, signal) => {
      signal.throwIfAborted();
      if (link.share === undefined && cluster.groups !== undefined) await lookAt(cluster.groups, link, call);
      await call("prepare the replica topic", () => prepare(cluster, link));
      const holds: Hold[] = [];
      for (const id of transactionalIds(link.transactionalId, link.share?.slot ?? 0, TURNS)) {
        const epoch = await call("take over", () => cluster.transactions.begin(id));
        holds.push({ id, epoch });
        cluster.wake();
      }
      signal.throwIfAborted();
      if (link.share === undefined && cluster.groups !== undefined) await lookAt(cluster.groups, link, call);
      const cursors = await call("read the cursors", () => readCursors(cluster, link));
      const empty = await call("look for records", () => emptyPartitions(cluster, link));
      return new MemoryReplicaWriter({ cluster, link, fault, call }, holds, cursors, empty);
    },
  };
}

const lookAt = async (groups: MemoryGroups, link: ReplicaLink, call: Call): Promise<void> =>
  await call("look at the group", () => groups.check(link));

/** A transactional id that this writer has taken over. */
interface Hold {
  readonly id: string;
  readonly epoch: number;
}

interface Ground {
  readonly cluster: MemoryCluster;
  readonly link: ReplicaLink;
  readonly fault: CommitFault;
  readonly call: Call;
}

export const cursorKey = ({ group, topic }: ReplicaLink, partition: number): string =>
  `${group} ${topic} ${partition}`;

function prepare(cluster: MemoryCluster, link: ReplicaLink): void {
  const topic =
    cluster.topics.get(link.topic) ?? cluster.makeTopic(link.topic, link.partitions, link.topicConfig);
  if (topic.logs.length < link.partitions) cluster.growTopic(link.topic, link.partitions);
}

export function readCursors(cluster: MemoryCluster, link: ReplicaLink): ReadonlyMap<number, TargetCursor> {
  const { logs } = cluster.topic(link.topic);
  return new Map(
    logs.flatMap((_, partition) => {
      if (link.share?.partitions.includes(partition) === false) return [];
      const cursor = cluster.cursors.get(cursorKey(link, partition));
      return cursor === undefined ? [] : [[partition, cursor]];
    }),
  );
}

export function emptyPartitions(cluster: MemoryCluster, { topic }: ReplicaLink): ReadonlySet<number> {
  const { logs } = cluster.topic(topic);
  return new Set([...logs.keys()].filter((partition) => logs[partition]?.isUntouched));
}

class MemoryReplicaWriter implements TransactionalWriter {
  readonly cursors: ReadonlyMap<number, TargetCursor>;
  readonly empty: ReadonlySet<number>;
  readonly #ground: Ground;
  readonly #holds: readonly Hold[];
  #turn = 0;
  #dead: { readonly error: unknown } | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    ground: Ground,
    holds: readonly Hold[],
    cursors: TransactionalWriter["cursors"],
    empty: TransactionalWriter["empty"],
  ) {
    this.#ground = ground;
    this.#holds = holds;
    this.cursors = cursors;
    this.empty = empty;
  }

  async commit(writes: readonly ReplicaWrite[]): Promise<void> {
    await this.commitAfter(Promise.resolve(), writes);
  }

  async commitAfter(durable: Promise<void>, writes: readonly ReplicaWrite[]): Promise<void> {
    const turn = this.#last.then(async () => await this.#commit(durable, writes));
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #commit(durable: Promise<void>, writes: readonly ReplicaWrite[]): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead.error;
    if (writes.length === 0) return;
    const hold = this.#holds[this.#turn % this.#holds.length];
    if (hold === undefined) return;
    this.#turn += 1;
    try {
      await this.#transact(durable, writes, hold);
    } catch (error) {
      this.#dead = { error };
      throw error;
    }
  }

  async #transact(
    durable: Promise<void>,
    writes: readonly ReplicaWrite[],
    { id, epoch }: Hold,
  ): Promise<void> {
    const { cluster, link, fault, call } = this.#ground;
    const { transactions } = cluster;
    fault("before", writes);
    await call("produce", () => {
      for (const { partition, batch, count } of writes)
        if (batch !== undefined)
          transactions.append(id, epoch, cluster.log(link.topic, partition), batch, count);
    });
    await call("commit offsets", () => {
      // A broker takes no offset of a topic that it does not have.
      cluster.topic(link.topic);
      if (link.share !== undefined) cluster.groups?.check(link);
      for (const { partition, cursor } of writes)
        transactions.addOffset(id, epoch, cursorKey(link, partition), cursor);
    });
    await durable;
    await call("end the transaction", () => {
      transactions.end(id, epoch, "committed");
      cluster.wake();
    });
    fault("after", writes);
  }
}
