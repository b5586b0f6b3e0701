import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { ReplicaLink, ReplicaSink, ReplicaWrite, ReplicaWriter, TargetCursor } from "../kernel/ports.ts";
import { Cluster } from "./cluster.ts";
import { partitionsOf, readCursors } from "./cursors.ts";
import { toMeshError } from "./fault.ts";
import { checkUnshared } from "./group-look.ts";
import { IdempotentProducer } from "./idempotent-producer.ts";
import { asBuffer } from "./record-batch.ts";
import { emptyPartitions } from "./replica-sink.ts";
import { preparedTopic } from "./replica-topic.ts";

/**
 * Writes replica topics of a Kafka that grants no transactions. Cursors move after their records are stored, in order per
 * partition: nothing is lost; what was stored and not yet covered by a cursor when a writer ended comes again. Nothing
 * fences a twin: `transactionalId` is not used.
 */
export function kafkaAtLeastOnceSink(settings: KafkaSettings): ReplicaSink {
  return { open: async (link, signal) => await open(settings, link, signal) };
}

async function open(settings: KafkaSettings, link: ReplicaLink, signal: AbortSignal): Promise<ReplicaWriter> {
  signal.throwIfAborted();
  const cluster = new Cluster(settings);
  const giveUp = (): void => cluster.close();
  signal.addEventListener("abort", giveUp);
  try {
    if (link.share === undefined) await checkUnshared(cluster, link);
    const topic = await preparedTopic(cluster, link);
    const producer = await IdempotentProducer.open(cluster, topic);
    const partitions = partitionsOf(link);
    const cursors = await readCursors(cluster, link, partitions);
    const empty = await emptyPartitions(cluster, topic, partitions, cursors, signal);
    return new AtLeastOnceWriter(cluster, link, producer, cursors, empty);
  } catch (error) {
    cluster.close();
    throw toMeshError(error, `open the replica topic ${link.topic}`);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

class AtLeastOnceWriter implements ReplicaWriter {
  readonly cursors: ReadonlyMap<number, TargetCursor>;
  readonly empty: ReadonlySet<number>;
  readonly #cluster: Cluster;
  readonly #link: ReplicaLink;
  readonly #producer: IdempotentProducer;
  /** Partitions whose place is known to the cluster. */
  readonly #placed: Set<number>;
  #dead: MeshError | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    cluster: Cluster,
    link: ReplicaLink,
    producer: IdempotentProducer,
    cursors: ReadonlyMap<number, TargetCursor>,
    empty: ReadonlySet<number>,
  ) {
    this.#cluster = cluster;
    this.#link = link;
    this.#producer = producer;
    this.cursors = cursors;
    this.empty = empty;
    this.#placed = new Set(cursors.keys());
  }

  async commit(writes: readonly ReplicaWrite[]): Promise<void> {
    const turn = this.#last.then(async () => await this.#commit(writes));
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#cluster.close();
  }

  cut(): void {
    this.#dead ??= new MeshError("KAFKA_UNAVAILABLE", `The writing to ${this.#link.topic} was cut off here.`);
    this.#cluster.close();
  }

  async #commit(writes: readonly ReplicaWrite[]): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead;
    if (writes.length === 0) return;
    const batches = writes.flatMap(({ partition, batch }) =>
      batch === undefined ? [] : [{ partition, batch: asBuffer(batch) }],
    );
    try {
      await this.#place(writes);
      await this.#producer.write(batches);
      await this.#producer.commitOffsets(this.#link.group, offsetsOf(writes), this.#link.share);
    } catch (error) {
      this.#dead ??= toMeshError(error, `write to the replica topic ${this.#link.topic}`);
      this.#cluster.close();
      throw this.#dead;
    }
  }

  /** The place of a partition that begins is stored before its first record: records without any place would be a riddle. */
  async #place(writes: readonly ReplicaWrite[]): Promise<void> {
    const first = writes.filter(
      ({ partition, batch }) => batch === undefined && !this.#placed.has(partition),
    );
    if (first.length === 0) return;
    await this.#producer.commitOffsets(this.#link.group, offsetsOf(first), this.#link.share);
    for (const { partition } of first) this.#placed.add(partition);
  }
}

/** The last cursor of each partition. */
function offsetsOf(writes: readonly ReplicaWrite[]) {
  const cursors = new Map(writes.map(({ partition, cursor }) => [partition, cursor]));
  return [...cursors].map(([partition, { sequence, metadata }]) => ({
    partition,
    offset: sequence,
    metadata,
  }));
}
