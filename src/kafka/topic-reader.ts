import assert from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { SourceBatch, SourcePosition, TopicDescription } from "../kernel/ports.ts";
import { type Cluster, OFFSET_AT, type TopicMetadata } from "./cluster.ts";
import { BrokerFault, passes, toMeshError } from "./fault.ts";
import { FetchLane } from "./fetch-lane.ts";
import {
  FETCH_SIZES,
  type FetchAnswer,
  type FetchedPartition,
  type FetchPartition,
  type FetchSizes,
} from "./fetch-request.ts";
import { ONCE } from "./patience.ts";
import { type CommittedRun, committedRun } from "./read-committed.ts";
import { readBatchHeader } from "./record-batch.ts";

/** A failure that passes is borne this long, counted from the last answer. */
const PATIENCE_MS = 5_000;
const RETRY_DELAY_MS = { first: 20, max: 500 } as const;

/**
 * Reads from the partitions' leaders until `signal` aborts. A moved leader or a lost connection is looked up again and
 * tried again; a topic that is another, gone or cut off throws.
 */
export async function* readTopic(
  cluster: Cluster,
  topic: TopicDescription,
  from: readonly SourcePosition[],
  signal: AbortSignal,
  sizes: FetchSizes = FETCH_SIZES,
): AsyncGenerator<SourceBatch> {
  const reader = new TopicReader(cluster, topic, from, signal, sizes);
  let delay: number = RETRY_DELAY_MS.first;
  let good = performance.now();
  while (!signal.aborted) {
    try {
      const metadata = await sameTopic(cluster, topic);
      for await (const batch of reader.fromLeaders(metadata)) {
        good = performance.now();
        delay = RETRY_DELAY_MS.first;
        if (batch !== undefined) yield batch;
        good = performance.now();
      }
    } catch (error) {
      const over = performance.now() - good > PATIENCE_MS;
      if (!passes(error) || over) throw toMeshError(error, `read the topic ${topic.name}`);
      await sleep(delay, undefined, { signal }).catch(() => {});
      delay = Math.min(delay * 2, RETRY_DELAY_MS.max);
    }
  }
}

/** The topic's leaders now. Throws SOURCE_MISSING or SOURCE_RECREATED when it is not the one that was described. */
async function sameTopic(cluster: Cluster, topic: TopicDescription): Promise<TopicMetadata> {
  const found = await cluster.topic(topic.name, ONCE);
  const context = { topic: topic.name, topicId: topic.topicId };
  if (found === undefined) {
    throw new MeshError("SOURCE_MISSING", `The topic ${topic.name} does not exist in this Kafka any more.`, {
      context,
    });
  }
  if (found.topicId !== topic.topicId) {
    throw new MeshError(
      "SOURCE_RECREATED",
      `The topic ${topic.name} has the id ${found.topicId}, but the link was reading the one with id ${topic.topicId}.`,
      { context },
    );
  }
  return found;
}

/**
 * The run in pieces of about `LIMITS.sourceRunBytesTarget`, cut between batches: what one piece unpacks to becomes one frame,
 * and a whole answer of well packed records would not fit into any.
 */
function piecesOf(run: CommittedRun, from: SourcePosition, next: SourcePosition): readonly SourceBatch[] {
  const pieces: SourceBatch[] = [];
  let begin = from;
  let batches: Buffer[] = [];
  let bytes = 0;
  let { leaderEpoch } = from;
  for (const batch of run.batches) {
    if (bytes > 0 && bytes + batch.length > LIMITS.sourceRunBytesTarget) {
      const { baseOffset: offset } = readBatchHeader(batch);
      const end = { partition: from.partition, offset, leaderEpoch };
      pieces.push({ from: begin, next: end, batches });
      begin = end;
      batches = [];
      bytes = 0;
    }
    batches.push(batch);
    bytes += batch.length;
    leaderEpoch = readBatchHeader(batch).leaderEpoch;
  }
  return [...pieces, { from: begin, next, batches }];
}

class TopicReader {
  readonly #cluster: Cluster;
  readonly #topic: TopicDescription;
  readonly #places: Map<number, SourcePosition>;
  readonly #signal: AbortSignal;
  readonly #sizes: FetchSizes;

  constructor(
    cluster: Cluster,
    topic: TopicDescription,
    from: readonly SourcePosition[],
    signal: AbortSignal,
    sizes: FetchSizes,
  ) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#places = new Map(from.map((position) => [position.partition, position]));
    this.#signal = signal;
    this.#sizes = sizes;
  }

  /**
   * One lane to each leader; ends with the signal, throws with the first failure. Undefined stands for an answer without
   * news. A lane's next request leaves when its answer was looked through, before that is handed out.
   */
  async *fromLeaders(topic: TopicMetadata): AsyncGenerator<SourceBatch | undefined> {
    let wake = Promise.withResolvers<void>();
    const onReady = (): void => wake.resolve();
    this.#signal.addEventListener("abort", onReady);
    try {
      const place = this.#placeUnder(topic);
      const led = topic.leaders.filter((row) => this.#places.has(row.partition));
      const lanes = [...Map.groupBy(led, (row) => row.leader)].map(([leader, rows]) => {
        const partitions = rows.map((row) => row.partition);
        return new FetchLane(this.#cluster, leader, this.#topic, partitions, onReady, this.#sizes);
      });
      for (const lane of lanes) lane.ask(place);
      while (!this.#signal.aborted) {
        await wake.promise;
        wake = Promise.withResolvers();
        for (const lane of lanes) {
          if (this.#signal.aborted) return;
          const answer = lane.take();
          if (answer === undefined) continue;
          const runs = await this.#absorb(answer, topic);
          lane.ask(place);
          yield undefined;
          yield* runs;
        }
      }
    } finally {
      this.#signal.removeEventListener("abort", onReady);
    }
  }

  #placeUnder(topic: TopicMetadata): (partition: number) => FetchPartition {
    const epochs = new Map(topic.leaders.map((row) => [row.partition, row.leaderEpoch]));
    return (partition) => {
      const position = this.#places.get(partition);
      assert(position !== undefined, "a lane asks for partitions that have a place");
      return {
        partition,
        offset: position.offset,
        currentLeaderEpoch: epochs.get(partition) ?? -1,
        lastFetchedEpoch: position.leaderEpoch,
      };
    };
  }

  /** Moves the places and returns what there is to hand out. */
  async #absorb(answer: FetchAnswer, topic: TopicMetadata): Promise<readonly SourceBatch[]> {
    if (answer.error !== 0) throw new BrokerFault(answer.error, `fetch from the topic ${topic.name}`);
    // All are looked at before any place moves: an answer counts as a whole or not at all.
    for (const fetched of answer.partitions) {
      const at = this.#places.get(fetched.partition);
      if (at !== undefined) await this.#refuse(fetched, at, topic);
    }
    const runs: SourceBatch[] = [];
    for (const fetched of answer.partitions) {
      const from = this.#places.get(fetched.partition);
      if (from === undefined || fetched.records === null) continue;
      const where = `the topic ${topic.name}, partition ${from.partition}`;
      const run = committedRun(fetched.records, fetched.aborted, from.offset, where);
      if (run.nextOffset === from.offset) continue;
      const next = { partition: from.partition, offset: run.nextOffset, leaderEpoch: run.leaderEpoch };
      this.#places.set(from.partition, next);
      runs.push(...piecesOf(run, from, next));
    }
    return runs;
  }

  /** Throws when the partition's answer is an error, or shows that its log is not the one read before. */
  async #refuse(fetched: FetchedPartition, at: SourcePosition, topic: TopicMetadata): Promise<void> {
    const where = `The topic ${topic.name}, partition ${at.partition},`;
    const context = { topic: topic.name, partition: at.partition, offset: at.offset.toString() };
    if (fetched.divergesAt !== undefined) {
      throw new MeshError(
        "SOURCE_TRUNCATED",
        `${where} was cut back to offset ${fetched.divergesAt} and written anew, but the link had read up to ${at.offset}.`,
        { context },
      );
    }
    if (fetched.error === 0) return;
    const fault = new BrokerFault(
      fetched.error,
      `fetch from the topic ${topic.name}, partition ${at.partition}, offset ${at.offset}`,
    );
    if (fault.fault !== "OFFSET_OUT_OF_RANGE") throw fault;
    throw new MeshError("SOURCE_TRUNCATED", `${where} ${await this.#whatIsThere(topic, at)}`, { context });
  }

  /** Why a fetch is out of range: beyond the log's ends, or inside them but from a history that the leader does not have. */
  async #whatIsThere(topic: TopicMetadata, at: SourcePosition): Promise<string> {
    const start =
      (await this.#cluster.offsets(topic, OFFSET_AT.earliest, "uncommitted")).get(at.partition) ?? 0n;
    const end = (await this.#cluster.offsets(topic, OFFSET_AT.latest, "uncommitted")).get(at.partition) ?? 0n;
    if (at.offset < start || at.offset > end) {
      return `holds offsets ${start} up to ${end}, but the link stands at ${at.offset}.`;
    }
    return `was cut back and written anew: what the link read last, in leader epoch ${at.leaderEpoch}, is not in its log.`;
  }
}
