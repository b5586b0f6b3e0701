import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import type {
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicDescription,
  TopicSource,
} from "../kernel/ports.ts";
import { Cluster, OFFSET_AT, type TopicMetadata } from "./cluster.ts";
import { FETCH_SIZES, type FetchSizes } from "./fetch-request.ts";
import { readTopic } from "./topic-reader.ts";

/**
 * Reads topics of one Kafka cluster, read_committed, by topic id, as record batches. `close` ends the connections of
 * `describe` and `positions`; each `read` has its own and ends with its signal or its loop.
 */
export function kafkaTopicSource(
  settings: KafkaSettings,
  sizes: FetchSizes = FETCH_SIZES,
): TopicSource & { close(): void } {
  const cluster = new Cluster(settings);
  return {
    describe: async (topic) => describe(await existing(cluster, topic)),
    positions: async (topic, at) => await positions(cluster, await existing(cluster, topic), at),
    read: (topic, from, signal) => read(settings, sizes, topic, from, signal),
    close: () => cluster.close(),
  };
}

/** Connections of its own, because a broker answers one connection's requests in order and a fetch may wait. */
async function* read(
  settings: KafkaSettings,
  sizes: FetchSizes,
  topic: TopicDescription,
  from: readonly SourcePosition[],
  signal: AbortSignal,
): AsyncGenerator<SourceBatch | SourceWedge> {
  const cluster = new Cluster(settings);
  try {
    yield* readTopic(cluster, topic, from, signal, sizes);
  } finally {
    cluster.close();
  }
}

async function existing(cluster: Cluster, name: string): Promise<TopicMetadata> {
  const topic = await cluster.topic(name);
  if (topic !== undefined) return topic;
  throw new MeshError("SOURCE_MISSING", `The topic ${name} does not exist in this Kafka.`, {
    context: { topic: name },
  });
}

const describe = ({ name, topicId, partitions }: TopicMetadata): TopicDescription => ({
  name,
  topicId,
  partitions,
});

async function positions(
  cluster: Cluster,
  topic: TopicMetadata,
  at: "earliest" | "latest" | { readonly time: number },
): Promise<readonly SourcePosition[]> {
  const ask = async (timestamp: bigint) => await cluster.offsets(topic, timestamp, "committed");
  // Where no record is as late as the time asked for: the end, where the next one will be. It is asked for before the time,
  // so that a record that is committed between the two questions stands behind it.
  const ends = typeof at === "string" ? undefined : await ask(OFFSET_AT.latest);
  const found = await ask(typeof at === "string" ? OFFSET_AT[at] : BigInt(at.time));
  return topic.leaders.map(({ partition }) => {
    const offset = found.get(partition) ?? -1n;
    return { partition, offset: offset < 0n ? (ends?.get(partition) ?? 0n) : offset, leaderEpoch: -1 };
  });
}
