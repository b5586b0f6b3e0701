import { recordCodec } from "../../src/kafka/record-codec.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type {
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicDescription,
  TopicSource,
} from "../../src/kernel/ports.ts";
import { answered, type Call, type MemoryCluster } from "./memory-cluster.ts";
import type { MemoryLog } from "./memory-log.ts";

/** `runMax`: batches handed out in one run at most. */
export function memoryTopicSource(
  cluster: MemoryCluster,
  runMax = 1_000,
  call: Call = answered,
): TopicSource {
  return {
    describe: async (name) =>
      await call("describe a topic", () => {
        const { topicId, logs } = cluster.topic(name);
        return { name, topicId, partitions: logs.length };
      }),
    positions: async (name, at) =>
      await call("look up offsets", () =>
        cluster
          .topic(name)
          .logs.map((log, partition) => ({ partition, offset: offsetAt(log, at), leaderEpoch: -1 })),
      ),
    read: (topic, from, signal) => read(cluster, topic, from, signal, runMax, call),
  };
}

function offsetAt(log: MemoryLog, at: Parameters<TopicSource["positions"]>[1]): bigint {
  if (at === "earliest") return log.start;
  if (at === "latest") return log.stable;
  const found = log.records().find(({ timestamp }) => timestamp >= BigInt(at.time));
  return found?.offset ?? log.stable;
}

/** One fetch asks for all partitions, waits at the broker until there is something, and is handed out whole. */
async function* read(
  cluster: MemoryCluster,
  topic: TopicDescription,
  from: readonly SourcePosition[],
  signal: AbortSignal,
  runMax: number,
  call: Call,
): AsyncGenerator<SourceBatch | SourceWedge> {
  const places = new Map(from.map((position) => [position.partition, position]));
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  while (!signal.aborted && places.size > 0) {
    const answer = await call("fetch", async () => {
      for (;;) {
        const { changed } = cluster;
        const runs = [...places.values()].flatMap((at) => nextRun(cluster, topic, at, runMax) ?? []);
        if (runs.length > 0 || signal.aborted) return runs;
        await Promise.race([changed, aborted]);
      }
    });
    for (const run of answer) {
      if (signal.aborted) return;
      if ("error" in run) places.delete(run.partition);
      else places.set(run.next.partition, run.next);
      yield run;
    }
  }
}

function nextRun(
  cluster: MemoryCluster,
  topic: TopicDescription,
  from: SourcePosition,
  runMax: number,
): SourceBatch | SourceWedge | undefined {
  const { topicId, logs } = cluster.topic(topic.name);
  if (topicId !== topic.topicId)
    throw new MeshError("SOURCE_RECREATED", `The topic ${topic.name} was made again.`);
  if (logs.length > topic.partitions)
    throw new MeshError("STREAM_CHANGED", `The topic ${topic.name} has more partitions than before.`);
  const { partition, offset } = from;
  const log = cluster.log(topic.name, partition);
  const { start, end, stable } = log;
  if (offset < start || offset > end || log.hasLeft(offset, from.leaderEpoch))
    return wedge(
      partition,
      "SOURCE_TRUNCATED",
      `The log holds offsets ${start} up to ${end}, but the link stands at ${offset}.`,
    );
  const ahead = log.stretches.filter((stretch) => stretch.end > offset && stretch.end <= stable);
  const broken = ahead.findIndex(({ isCorrupt }) => isCorrupt);
  if (broken === 0) return wedge(partition, "SOURCE_CORRUPT", "A record batch fails its checksum.");
  const taken = ahead.slice(0, broken === -1 ? runMax : Math.min(runMax, broken));
  const last = taken.at(-1);
  if (last === undefined) return undefined;
  const next = { partition, offset: last.end, leaderEpoch: last.epoch };
  const batches = taken.flatMap(({ batch, state }) => (state === "committed" && batch ? [batch] : []));
  return { from, next, batches, end: stable };
}

const wedge = (partition: number, code: "SOURCE_TRUNCATED" | "SOURCE_CORRUPT", why: string): SourceWedge => ({
  partition,
  error: new MeshError(code, why),
});

/** What the log of a replica or source shows a read_committed reader, as text. */
export const valuesIn = (cluster: MemoryCluster, topic: string, partition: number): readonly string[] =>
  cluster
    .log(topic, partition)
    .visible.flatMap(({ batch }) => (batch === undefined ? [] : recordCodec.decode(batch, 0n, 1e9)))
    .map(({ value }) => Buffer.from(value ?? []).toString());
