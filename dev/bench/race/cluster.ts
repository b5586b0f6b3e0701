import { Kafka as KafkaClient, logLevel } from "kafkajs";
import { Cluster, OFFSET_AT, type TopicMetadata } from "../../../src/kafka/cluster.ts";
import { readBatchHeader } from "../../../src/kafka/record-batch.ts";
import { kafkaTopicSource } from "../../../src/kafka/topic-source.ts";
import type { KafkaSettings } from "../../../src/kernel/kafka-settings.ts";

/** How to reach a broker of the race. */
export const settingsOf = (bootstrap: string): KafkaSettings => ({
  brokers: [bootstrap],
  clientId: "race",
  tls: undefined,
  sasl: undefined,
  replicationFactor: 1,
});

/** Ours asks on a connection of its own, so that looking costs next to nothing. */
export class WatchedTopic {
  readonly #cluster: Cluster;
  readonly #name: string;
  #metadata: TopicMetadata | undefined;

  constructor(bootstrap: string, name: string) {
    this.#cluster = new Cluster(settingsOf(bootstrap));
    this.#name = name;
  }

  /**
   * Sum of the offsets behind the last committed record of each partition, transaction markers among them; 0 while there is
   * no such topic.
   */
  async end(): Promise<number> {
    this.#metadata ??= await this.#cluster.topic(this.#name);
    if (this.#metadata === undefined) return 0;
    const ends = await this.#cluster.offsets(this.#metadata, OFFSET_AT.latest, "committed");
    return ends.values().reduce((sum, offset) => sum + Number(offset), 0);
  }

  close(): void {
    this.#cluster.close();
  }
}

/** Committed records of a topic, by the counts of its batches; what they hold is not unpacked. 0 without a topic. */
export async function countRecords(bootstrap: string, name: string, signal: AbortSignal): Promise<number> {
  const settings = settingsOf(bootstrap);
  const cluster = new Cluster(settings);
  const source = kafkaTopicSource(settings);
  try {
    const metadata = await cluster.topic(name);
    if (metadata === undefined) return 0;
    const left = new Map(await cluster.offsets(metadata, OFFSET_AT.latest, "committed"));
    for (const [partition, end] of left) if (end === 0n) left.delete(partition);
    if (left.size === 0) return 0;
    let count = 0;
    for await (const run of source.read(metadata, await source.positions(name, "earliest"), signal)) {
      if ("error" in run) throw run.error;
      for (const batch of run.batches)
        count += readBatchHeader(Buffer.from(batch.buffer, batch.byteOffset, batch.length)).count;
      if (run.next.offset >= (left.get(run.next.partition) ?? 0n)) left.delete(run.next.partition);
      if (left.size === 0) return count;
    }
    signal.throwIfAborted();
    return count;
  } finally {
    source.close();
    cluster.close();
  }
}

/** Makes a topic that keeps all for ever. */
export async function makeTopic(bootstrap: string, topic: string, numPartitions: number): Promise<void> {
  await withAdmin(bootstrap, async (admin) => {
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
  });
}

/** Deletes all topics but Kafka's own and those that are named. */
export async function sweep(bootstrap: string, keep: readonly string[]): Promise<void> {
  await withAdmin(bootstrap, async (admin) => {
    const topics = (await admin.listTopics()).filter(
      (name) => !name.startsWith("__") && !keep.includes(name),
    );
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}

/** Takes back that anything was ever replicated into this topic: its records, and the places that groups committed in it. */
export async function forget(bootstrap: string, topic: string): Promise<void> {
  await withAdmin(bootstrap, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
    const { groups } = await admin.listGroups();
    const ids = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith("tiermesh."));
    if (ids.length > 0) await admin.deleteGroups(ids);
  });
}

type Admin = ReturnType<KafkaClient["admin"]>;

async function withAdmin(bootstrap: string, act: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new KafkaClient({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    await act(admin);
  } finally {
    await admin.disconnect();
  }
}
