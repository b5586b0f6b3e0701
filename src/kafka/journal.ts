import assert from "node:assert";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSettings } from "../kernel/kafka-settings.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Journal, JournalEntry, StoredEntry, TopicSource } from "../kernel/ports.ts";
import { createTopic } from "./admin.ts";
import { Appender } from "./appender.ts";
import { Cluster } from "./cluster.ts";
import { recordCodec } from "./record-codec.ts";
import { soundRuns } from "./sound-runs.ts";
import { kafkaTopicSource } from "./topic-source.ts";

/** A journal's topics have one partition, so that there is one order. */
const PARTITION = 0;
/** What a batch of the gateway's own topics may unpack to. */
const PLAIN_BYTES_MAX = LIMITS.recordCeiling.bytesMax;

/**
 * The gateway's own topics in one Kafka cluster. Appends go through an idempotent producer of our own, a few tenths of a
 * millisecond each where kafkajs takes several; entries that wait together leave together. `close` ends the connections;
 * appends that were not answered by then fail.
 */
export function kafkaJournal(settings: KafkaSettings): Journal & { close(): void } {
  const cluster = new Cluster(settings);
  const source = kafkaTopicSource(settings);
  const appenders = new Map<string, Appender>();
  return {
    append: async (topic, entries) => {
      let appender = appenders.get(topic);
      if (appender === undefined) {
        appender = new Appender(cluster, topic, PARTITION);
        appenders.set(topic, appender);
      }
      await appender.append(entries.map(toRecord));
    },
    read: (topic, options) => read(source, topic, options),
    ensure: async (topic, config) => {
      const found = await cluster.topic(topic);
      if (found === undefined) await createTopic(settings, topic, 1, config);
      else assertOnePartition(topic, found.partitions);
    },
    close: () => {
      source.close();
      cluster.close();
    },
  };
}

function assertOnePartition(topic: string, partitions: number): void {
  if (partitions === 1) return;
  throw new MeshError(
    "TARGET_TOPIC",
    `The topic ${topic} has ${partitions} partitions; the gateway's own topics have one.`,
    {
      context: { topic, partitions },
    },
  );
}

const toRecord = ({ key, value }: JournalEntry) => ({
  timestamp: BigInt(Date.now()),
  key: key === null ? null : Buffer.from(key, "utf8"),
  value,
  headers: [],
});

async function* read(
  source: TopicSource,
  name: string,
  options: Parameters<Journal["read"]>[1],
): AsyncGenerator<StoredEntry> {
  const topic = await source.describe(name);
  const [start, end] = [await source.positions(name, "earliest"), await source.positions(name, "latest")].map(
    (positions) => positions.find((position) => position.partition === PARTITION),
  );
  assert(start !== undefined && end !== undefined, "a topic has a first partition");
  let behind = start.offset < end.offset;
  if (!behind) options.onCaughtUp?.();
  if (!behind && options.follow !== true) return;
  const signal = options.signal ?? new AbortController().signal;
  for await (const run of soundRuns(source.read(topic, [start], signal))) {
    for (const batch of run.batches) yield* entriesOf(batch, run.from.offset);
    if (!behind || run.next.offset < end.offset) continue;
    behind = false;
    options.onCaughtUp?.();
    if (options.follow !== true) return;
  }
}

function* entriesOf(batch: Uint8Array, from: bigint): Generator<StoredEntry> {
  for (const { key, value, offset, timestamp } of recordCodec.decode(batch, from, PLAIN_BYTES_MAX)) {
    yield { key: key === null ? null : Buffer.from(key).toString("utf8"), value, offset, timestamp };
  }
}
