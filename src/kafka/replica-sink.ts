import { offsetFetchV8 } from "@platformatic/kafka";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { ReplicaLink, ReplicaSink, ReplicaWriter, TargetCursor } from "../kernel/ports.ts";
import { Cluster, OFFSET_AT, type TopicMetadata } from "./cluster.ts";
import { toMeshError } from "./fault.ts";
import { type Patience, patient } from "./patience.ts";
import { preparedTopic } from "./replica-topic.ts";
import { KafkaReplicaWriter } from "./replica-writer.ts";
import { readTopic } from "./topic-reader.ts";
import { type Dialect, TransactionalProducer } from "./transaction.ts";

/** Offsets of a transaction that is being completed are unstable for some milliseconds after its end. */
const STABLE: Patience = { deadlineMs: 30_000, firstDelayMs: 5, maxDelayMs: 100 };

/**
 * A coordinator completes a transaction for some 10 ms after it has said that it is committed, and holds the next one of
 * the same id back meanwhile; so several ids take turns. Whoever opens takes over all, in this order, and begins with the
 * first: of two that open at once, one at most holds the first, and the other's first commit is fenced.
 */
const ID_SUFFIXES = ["", ".2", ".3", ".4"] as const;

/** How a sink writes, where it is not to find out itself. */
export interface SinkOptions {
  /** The protocol of transactions; by default what the cluster has. */
  readonly dialect?: Dialect;
  /** How many transactional ids take turns, 1 to 4. */
  readonly ids?: number;
}

/**
 * Writes replica topics of one Kafka cluster. A link's cursors are the offsets of its group at its replica topic.
 * The given batches are not changed.
 */
export function kafkaReplicaSink(settings: KafkaSettings, options: SinkOptions = {}): ReplicaSink {
  return { open: async (link, signal) => await open(settings, options, link, signal) };
}

async function open(
  settings: KafkaSettings,
  options: SinkOptions,
  link: ReplicaLink,
  signal: AbortSignal,
): Promise<ReplicaWriter> {
  if (signal.aborted) throw givenUp(link.topic);
  const cluster = new Cluster(settings);
  const giveUp = (): void => cluster.close();
  signal.addEventListener("abort", giveUp);
  try {
    const topic = await preparedTopic(cluster, link);
    const dialect = options.dialect ?? ((await cluster.transactionsV2()) ? "v2" : "v1");
    // The order is the guarantee: fenced first, then read. A twin's last commit is over, or can't happen any more.
    const producers: TransactionalProducer[] = [];
    for (const suffix of ID_SUFFIXES.slice(0, options.ids)) {
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

export async function readCursors(
  cluster: Cluster,
  link: ReplicaLink,
): Promise<ReadonlyMap<number, TargetCursor>> {
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
export async function emptyPartitions(
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
    if ("error" in run) throw run.error;
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
