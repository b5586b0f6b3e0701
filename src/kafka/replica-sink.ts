import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type { ReplicaLink, ReplicaSink, TargetCursor, TransactionalWriter } from "../kernel/ports.ts";
import { Cluster, OFFSET_AT, type TopicMetadata } from "./cluster.ts";
import { partitionsOf, readCursors } from "./cursors.ts";
import { toMeshError } from "./fault.ts";
import { checkUnshared } from "./group-look.ts";
import { preparedTopic } from "./replica-topic.ts";
import { KafkaReplicaWriter } from "./replica-writer.ts";
import { readTopic } from "./topic-reader.ts";
import { type Dialect, TransactionalProducer } from "./transaction.ts";
import { transactionalIds } from "./transactional-ids.ts";

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
export function kafkaReplicaSink(
  settings: KafkaSettings,
  options: SinkOptions = {},
): ReplicaSink<TransactionalWriter> {
  return { open: async (link, signal) => await open(settings, options, link, signal) };
}

async function open(
  settings: KafkaSettings,
  options: SinkOptions,
  link: ReplicaLink,
  signal: AbortSignal,
): Promise<TransactionalWriter> {
  if (signal.aborted) throw givenUp(link.topic);
  const cluster = new Cluster(settings);
  const giveUp = (): void => cluster.close();
  signal.addEventListener("abort", giveUp);
  try {
    // A look before, so that none of those who share the link is fenced for nothing.
    if (link.share === undefined) await checkUnshared(cluster, link);
    const topic = await preparedTopic(cluster, link);
    const dialect = options.dialect ?? ((await cluster.transactionsV2()) ? "v2" : "v1");
    // The order is the guarantee: fenced first, then read. A twin's last commit is over, or can't happen any more.
    const producers: TransactionalProducer[] = [];
    for (const id of transactionalIds(link.transactionalId, link.share?.slot ?? 0, options.ids))
      producers.push(await TransactionalProducer.open(cluster, topic, id, dialect, signal));
    // And one after: whoever shares the link out from here on fences this writer first.
    if (link.share === undefined) await checkUnshared(cluster, link);
    const partitions = partitionsOf(link);
    const cursors = await readCursors(cluster, link, partitions);
    const empty = await emptyPartitions(cluster, topic, partitions, cursors, signal);
    return new KafkaReplicaWriter(cluster, link, producers, cursors, empty);
  } catch (error) {
    cluster.close();
    throw toMeshError(error, `open the replica topic ${link.topic}`);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/**
 * Partitions that never held a committed record: the log begins at 0 and holds at most aborted transactions, as a crash
 * in a link's first transaction leaves them. A log that begins later held something once, so it is not empty.
 * Partitions with a cursor are judged by their length alone, because nobody asks more of them.
 */
export async function emptyPartitions(
  cluster: Cluster,
  topic: TopicMetadata,
  partitions: readonly number[],
  cursors: ReadonlyMap<number, TargetCursor>,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const starts = await cluster.offsets(topic, OFFSET_AT.earliest, "uncommitted");
  const ends = await cluster.offsets(topic, OFFSET_AT.latest, "committed");
  const empty = new Set<number>();
  for (const partition of partitions) {
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
