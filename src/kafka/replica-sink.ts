import assert from "node:assert";
import { offsetFetchV8 } from "@platformatic/kafka";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { ReplicaLink, ReplicaSink, ReplicaWrite, ReplicaWriter, TargetCursor } from "../kernel/ports.ts";
import { createTopic } from "./admin.ts";
import { Cluster, OFFSET_AT, type TopicMetadata } from "./cluster.ts";
import { toMeshError } from "./fault.ts";
import { type Patience, patient } from "./patience.ts";
import { asBuffer } from "./record-batch.ts";
import { readTopic } from "./topic-reader.ts";
import { TransactionalProducer } from "./transaction.ts";

/** Offsets of a transaction that is being completed are unstable for some milliseconds after its end. */
const STABLE: Patience = { deadlineMs: 30_000, firstDelayMs: 5, maxDelayMs: 100 };
/** A topic just made reaches every broker's metadata within this time. */
const APPEARS: Patience = { deadlineMs: 10_000, firstDelayMs: 20, maxDelayMs: 200 };

/**
 * A coordinator completes a transaction for some 10 ms after it has said that it is committed, and holds the next one of
 * the same id back meanwhile; so two ids take turns. Whoever opens takes over both, in this order, and begins with the
 * first: of two that open at once, one at most holds the first, and the other's first commit is fenced.
 */
const ID_SUFFIXES = ["", ".2"] as const;

/**
 * Writes replica topics of one Kafka cluster. A link's cursors are the offsets of its group at its replica topic.
 * The given batches are not changed.
 */
export function kafkaReplicaSink(settings: KafkaSettings): ReplicaSink {
  return { open: async (link, signal) => await open(settings, link, signal) };
}

async function open(settings: KafkaSettings, link: ReplicaLink, signal: AbortSignal): Promise<ReplicaWriter> {
  if (signal.aborted) throw givenUp(link.topic);
  const cluster = new Cluster(settings);
  const giveUp = (): void => cluster.close();
  signal.addEventListener("abort", giveUp);
  try {
    const topic = await preparedTopic(cluster, settings, link);
    const dialect = (await cluster.transactionsV2()) ? "v2" : "v1";
    // The order is the guarantee: fenced first, then read. A twin's last commit is over, or can't happen any more.
    const producers: TransactionalProducer[] = [];
    for (const suffix of ID_SUFFIXES) {
      const id = link.transactionalId + suffix;
      producers.push(await TransactionalProducer.open(cluster, topic, id, dialect, signal));
    }
    const cursors = await readCursors(cluster, link);
    const empty = await emptyPartitions(cluster, topic, cursors, signal);
    return new KafkaReplicaWriter(cluster, link, producers, cursors, empty);
  } catch (error) {
    cluster.close();
    throw toMeshError(error, `open the replica topic ${link.topic}`);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

class KafkaReplicaWriter implements ReplicaWriter {
  readonly cursors: ReadonlyMap<number, TargetCursor>;
  readonly empty: ReadonlySet<number>;
  readonly #cluster: Cluster;
  readonly #link: ReplicaLink;
  readonly #producers: readonly TransactionalProducer[];
  #turn = 0;
  #dead: MeshError | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    cluster: Cluster,
    link: ReplicaLink,
    producers: readonly TransactionalProducer[],
    cursors: ReadonlyMap<number, TargetCursor>,
    empty: ReadonlySet<number>,
  ) {
    this.#cluster = cluster;
    this.#link = link;
    this.#producers = producers;
    this.cursors = cursors;
    this.empty = empty;
  }

  async commit(writes: readonly ReplicaWrite[]): Promise<void> {
    const turn = this.#last.then(async () => await this.#commit(writes));
    this.#last = turn.catch(() => {});
    await turn;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#cluster.close();
  }

  async #commit(writes: readonly ReplicaWrite[]): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead;
    if (writes.length === 0) return;
    const batches = writes.flatMap(({ partition, batch }) =>
      batch === undefined ? [] : [{ partition, batch: asBuffer(batch) }],
    );
    const cursors = new Map(writes.map(({ partition, cursor }) => [partition, cursor]));
    const offsets = [...cursors].map(([partition, cursor]) => ({
      partition,
      offset: cursor.sequence,
      metadata: cursor.metadata,
    }));
    try {
      const producer = this.#producers[this.#turn];
      assert(producer !== undefined, "the turn goes round among the producers");
      this.#turn = (this.#turn + 1) % this.#producers.length;
      await producer.commit(batches, this.#link.group, offsets);
    } catch (error) {
      this.#dead = toMeshError(error, `write to the replica topic ${this.#link.topic}`);
      this.#cluster.close();
      throw this.#dead;
    }
  }
}

/** The replica topic, made when it is not there. Throws TARGET_TOPIC when it has too few partitions. */
async function preparedTopic(
  cluster: Cluster,
  settings: KafkaSettings,
  link: ReplicaLink,
): Promise<TopicMetadata> {
  let topic = await cluster.topic(link.topic);
  if (topic === undefined) {
    await createTopic(settings, link.topic, link.partitions, link.topicConfig);
    topic = await patient(`wait for the topic ${link.topic}`, APPEARS, async () => {
      const made = await cluster.topic(link.topic);
      if (made !== undefined) return made;
      throw new MeshError(
        "KAFKA_UNAVAILABLE",
        `The topic ${link.topic} was made, but the broker does not show it yet.`,
      );
    });
  }
  if (topic.partitions >= link.partitions) return topic;
  throw new MeshError(
    "TARGET_TOPIC",
    `The replica topic ${link.topic} has ${topic.partitions} partitions, but the stream has ${link.partitions}.`,
    { context: { topic: link.topic, partitions: topic.partitions, needed: link.partitions } },
  );
}

async function readCursors(cluster: Cluster, link: ReplicaLink): Promise<ReadonlyMap<number, TargetCursor>> {
  const doing = `read the cursors of the group ${link.group}`;
  const partitionIndexes = Array.from({ length: link.partitions }, (_, partition) => partition);
  const groups = [
    {
      groupId: link.group,
      memberId: null,
      memberEpoch: -1,
      topics: [{ name: link.topic, partitionIndexes }],
    },
  ];
  const answer = await patient(doing, STABLE, async () => {
    const coordinator = await cluster.coordinator("group", link.group);
    return await coordinator.call(doing, offsetFetchV8.api, groups, true);
  });
  const cursors = new Map<number, TargetCursor>();
  for (const row of answer.groups[0]?.topics[0]?.partitions ?? []) {
    if (row.committedOffset < 0n) continue;
    const { partitionIndex: partition, committedOffset: sequence } = row;
    cursors.set(partition, { partition, sequence, metadata: row.metadata ?? "" });
  }
  return cursors;
}

/**
 * Partitions that never held a committed record: the log begins at 0 and holds at most aborted transactions, as a crash
 * in a link's first transaction leaves them. A log that begins later held something once, so it is not empty.
 * Partitions with a cursor are judged by their length alone, because nobody asks more of them.
 */
async function emptyPartitions(
  cluster: Cluster,
  topic: TopicMetadata,
  cursors: ReadonlyMap<number, TargetCursor>,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const starts = await cluster.offsets(topic, OFFSET_AT.earliest, "uncommitted");
  const ends = await cluster.offsets(topic, OFFSET_AT.latest, "committed");
  const empty = new Set<number>();
  for (const { partition } of topic.leaders) {
    const end = ends.get(partition) ?? 0n;
    if (end === 0n) empty.add(partition);
    else if (starts.get(partition) === 0n && !cursors.has(partition)) {
      if (!(await holdsRecord(cluster, topic, partition, end, signal))) empty.add(partition);
    }
  }
  return empty;
}

async function holdsRecord(
  cluster: Cluster,
  topic: TopicMetadata,
  partition: number,
  end: bigint,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const run of readTopic(cluster, topic, [{ partition, offset: 0n, leaderEpoch: -1 }], signal)) {
    if (run.batches.length > 0) return true;
    if (run.next.offset >= end) return false;
  }
  throw givenUp(topic.name);
}

const givenUp = (topic: string): MeshError =>
  new MeshError(
    "KAFKA_UNAVAILABLE",
    `The gateway gave up opening the replica topic ${topic}, because it was told to stop.`,
  );
