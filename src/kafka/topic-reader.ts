import { type ErrorCode, MeshError } from "../kernel/error.ts";
import type { SourceBatch, SourcePosition, SourceWedge, TopicDescription } from "../kernel/ports.ts";
import { type Cluster, OFFSET_AT, type TopicMetadata } from "./cluster.ts";
import { BrokerFault } from "./fault.ts";
import { FetchLane, type LaneAnswer, type PlaceOf } from "./fetch-lane.ts";
import { FETCH_SIZES, type FetchedPartition, type FetchSizes } from "./fetch-request.ts";
import { ELECTION_MS, Endurance, type Patience } from "./patience.ts";
import { committedRun } from "./read-committed.ts";
import { releasable } from "./releasable.ts";
import { piecesOf } from "./run-pieces.ts";
import { sameTopic, TopicWatch } from "./topic-watch.ts";

/** Counted from the last answer. A lone broker that is started again is waited for, so it is tried as often as there is time. */
const PATIENCE: Patience = {
  deadlineMs: ELECTION_MS,
  firstDelayMs: 20,
  maxDelayMs: 500,
  awayTriesMax: Number.POSITIVE_INFINITY,
};

/** What a leader may say of one partition that no other attempt will change: that one is wedged, the others are read on. */
const WEDGES: Readonly<Record<string, ErrorCode>> = {
  OFFSET_OUT_OF_RANGE: "SOURCE_TRUNCATED",
  CORRUPT_MESSAGE: "SOURCE_CORRUPT",
  UNSUPPORTED_COMPRESSION_TYPE: "SOURCE_CODEC",
};

/**
 * Reads from the partitions' leaders until `signal` aborts. A moved leader or a lost connection is looked up again and
 * tried again; a topic that is another, gone or grown throws; a partition that can't be read on is told as a wedge.
 */
export async function* readTopic(
  cluster: Cluster,
  topic: TopicDescription,
  from: readonly SourcePosition[],
  signal: AbortSignal,
  sizes: FetchSizes = FETCH_SIZES,
): AsyncGenerator<SourceBatch | SourceWedge> {
  const reader = new TopicReader(cluster, topic, from, signal, sizes);
  const endurance = new Endurance(`read the topic ${topic.name}`, { ...PATIENCE, signal });
  while (!signal.aborted) {
    try {
      const metadata = await sameTopic(cluster, topic);
      for await (const run of reader.fromLeaders(metadata)) {
        endurance.renew();
        if (run === undefined) continue;
        yield run;
        endurance.renew();
      }
    } catch (error) {
      if (signal.aborted) return;
      await endurance.bear(error);
    }
  }
}

class TopicReader {
  readonly #cluster: Cluster;
  readonly #topic: TopicDescription;
  /** Where each partition stands; without those that are wedged. */
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
   * news. A lane's next request leaves when its answer was looked through, before that is handed out if it was large.
   */
  async *fromLeaders(topic: TopicMetadata): AsyncGenerator<SourceBatch | SourceWedge | undefined> {
    let wake = Promise.withResolvers<void>();
    const onNews = (): void => wake.resolve();
    this.#signal.addEventListener("abort", onNews);
    const watch = new TopicWatch(this.#cluster, topic, onNews);
    try {
      const placeOf = this.#placesUnder(topic);
      const led = topic.leaders.filter((row) => this.#places.has(row.partition));
      const lanes = [...Map.groupBy(led, (row) => row.leader)].map(([leader, rows]) => {
        const partitions = rows.map((row) => row.partition);
        return new FetchLane(this.#cluster, leader, this.#topic, partitions, onNews, this.#sizes);
      });
      for (const lane of lanes) lane.ask(placeOf);
      while (!this.#signal.aborted) {
        await wake.promise;
        wake = Promise.withResolvers();
        if (watch.change !== undefined) throw watch.change;
        for (const lane of lanes) {
          if (this.#signal.aborted) return;
          const answer = lane.take();
          if (answer === undefined) continue;
          const news = await this.#absorb(answer, topic);
          // Little is asked for again when it is taken: whoever is busy gets more at once instead of little again and again.
          const isLittle = lane.littleCame;
          if (!isLittle) lane.ask(placeOf);
          yield undefined;
          yield* news;
          if (isLittle) lane.ask(placeOf);
        }
      }
    } finally {
      watch.stop();
      this.#signal.removeEventListener("abort", onNews);
    }
  }

  #placesUnder(topic: TopicMetadata): PlaceOf {
    const epochs = new Map(topic.leaders.map((row) => [row.partition, row.leaderEpoch]));
    return (partition) => {
      const position = this.#places.get(partition);
      if (position === undefined) return undefined;
      return {
        partition,
        offset: position.offset,
        currentLeaderEpoch: epochs.get(partition) ?? -1,
        lastFetchedEpoch: position.leaderEpoch,
      };
    };
  }

  /** Moves the places and returns what there is to hand out. */
  async #absorb(answer: LaneAnswer, topic: TopicMetadata): Promise<readonly (SourceBatch | SourceWedge)[]> {
    if (answer.error !== 0) throw new BrokerFault(answer.error, `fetch from the topic ${topic.name}`);
    // All are looked at before any place moves: an answer counts as a whole or not at all.
    const looked = await Promise.all(
      answer.partitions.map(async (fetched) => {
        const from = this.#places.get(fetched.partition);
        return from && { fetched, from, refusal: await this.#refusal(fetched, from, topic) };
      }),
    );
    const news = looked.flatMap((row) => (row === undefined ? [] : this.#advance(row, topic)));
    return answer.release === undefined ? news : releasable(news, answer.release);
  }

  #advance(
    row: { fetched: FetchedPartition; from: SourcePosition; refusal: MeshError | undefined },
    topic: TopicMetadata,
  ): readonly (SourceBatch | SourceWedge)[] {
    const { fetched, from, refusal } = row;
    const { partition } = from;
    if (refusal !== undefined) return [this.#wedge(partition, refusal)];
    if (fetched.records === null) return [];
    const where = `the topic ${topic.name}, partition ${partition}`;
    const run = committedRun(fetched.records, fetched.aborted, from.offset, where);
    const news: (SourceBatch | SourceWedge)[] = [];
    if (run.nextOffset > from.offset) {
      this.#places.set(partition, { partition, offset: run.nextOffset, leaderEpoch: run.leaderEpoch });
      news.push(...piecesOf(run, from, fetched.lastStable));
    }
    if (run.failure !== undefined) news.push(this.#wedge(partition, run.failure));
    return news;
  }

  #wedge(partition: number, error: MeshError): SourceWedge {
    this.#places.delete(partition);
    return { partition, error };
  }

  /**
   * SOURCE_TRUNCATED when the answer shows that the partition's log is not the one read before; SOURCE_CORRUPT, SOURCE_CODEC
   * when the leader itself can't read it. Throws its other errors.
   */
  async #refusal(
    fetched: FetchedPartition,
    at: SourcePosition,
    topic: TopicMetadata,
  ): Promise<MeshError | undefined> {
    const where = `The topic ${topic.name}, partition ${at.partition},`;
    const context = { topic: topic.name, partition: at.partition, offset: at.offset.toString() };
    if (fetched.divergesAt !== undefined) {
      return new MeshError(
        "SOURCE_TRUNCATED",
        `${where} was cut back to offset ${fetched.divergesAt} and written anew, but the link had read up to ${at.offset}.`,
        { context },
      );
    }
    if (fetched.error === 0) return undefined;
    const fault = new BrokerFault(
      fetched.error,
      `fetch from the topic ${topic.name}, partition ${at.partition}, offset ${at.offset}`,
    );
    const code = WEDGES[fault.fault];
    if (code === undefined) throw fault;
    const isTruncated = code === "SOURCE_TRUNCATED";
    const says = isTruncated ? `${where} ${await this.#whatIsThere(topic, at)}` : fault.message;
    return new MeshError(code, says, { context });
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
