import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { SourceBatch, SourcePosition, TopicDescription, TopicSource } from "../../src/kernel/ports.ts";
import type { MemoryCluster, MemoryLog } from "./memory-cluster.ts";

/** `runMax`: batches handed out in one run at most. */
export function memoryTopicSource(cluster: MemoryCluster, runMax = 1_000): TopicSource {
  return {
    describe: async (name) => {
      const { topicId, logs } = cluster.topic(name);
      return { name, topicId, partitions: logs.length };
    },
    positions: async (name, at) =>
      cluster
        .topic(name)
        .logs.map((log, partition) => ({ partition, offset: offsetAt(log, at), leaderEpoch: -1 })),
    read: (topic, from, signal) => read(cluster, topic, from, signal, runMax),
  };
}

function offsetAt(log: MemoryLog, at: Parameters<TopicSource["positions"]>[1]): bigint {
  if (at === "earliest") return log.start;
  if (at === "latest") return log.end;
  const found = log.records().find(({ timestamp }) => timestamp >= BigInt(at.time));
  return found?.offset ?? log.end;
}

async function* read(
  cluster: MemoryCluster,
  topic: TopicDescription,
  from: readonly SourcePosition[],
  signal: AbortSignal,
  runMax: number,
): AsyncGenerator<SourceBatch> {
  const places = new Map(from.map((position) => [position.partition, position]));
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  while (!signal.aborted) {
    const { changed } = cluster;
    let idle = true;
    for (const at of [...places.values()]) {
      const run = nextRun(cluster, topic, at, runMax);
      if (run === undefined) continue;
      idle = false;
      places.set(at.partition, run.next);
      yield run;
      if (signal.aborted) return;
    }
    if (idle) await Promise.race([changed, aborted]);
  }
}

function nextRun(
  cluster: MemoryCluster,
  topic: TopicDescription,
  from: SourcePosition,
  runMax: number,
): SourceBatch | undefined {
  if (cluster.topic(topic.name).topicId !== topic.topicId)
    throw new MeshError("SOURCE_RECREATED", `The topic ${topic.name} was made again.`);
  const { start, end, stretches } = cluster.log(topic.name, from.partition);
  if (from.offset < start || from.offset > end)
    throw new MeshError(
      "SOURCE_TRUNCATED",
      `The log holds offsets ${start} up to ${end}, but the link stands at ${from.offset}.`,
    );
  const taken = stretches.filter((stretch) => stretch.end > from.offset).slice(0, runMax);
  const last = taken.at(-1);
  if (last === undefined) return undefined;
  const next = { partition: from.partition, offset: last.end, leaderEpoch: 0 };
  return { from, next, batches: taken.flatMap(({ batch }) => batch ?? []) };
}

/** What the log of a replica or source shows a read_committed reader, as text. */
export const valuesIn = (cluster: MemoryCluster, topic: string, partition: number): readonly string[] =>
  cluster
    .log(topic, partition)
    .stretches.flatMap(({ batch }) => (batch === undefined ? [] : recordCodec.decode(batch, 0n, 1e9)))
    .map(({ value }) => Buffer.from(value ?? []).toString());
