import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import type { WindowBounds } from "../../../src/bridge/publish/reading.ts";
import { sharedSource } from "../../../src/bridge/publish/shared-source.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { MeshError } from "../../../src/kernel/error.ts";
import type {
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicDescription,
  TopicSource,
} from "../../../src/kernel/ports.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryTopicSource } from "../../support/memory-topic-source.ts";

const TOPIC = "orders";

/** One `read` of the source below. */
interface Observed {
  readonly from: readonly SourcePosition[];
  /** Runs and wedges that it handed out. */
  pulls: number;
  isOver: boolean;
  /** It throws instead of handing out what comes next. */
  isToFail: boolean;
  /** Its runs that were not released. */
  readonly unreleased: Set<SourceBatch>;
}

/** A topic in memory whose source is shared, watched from both sides. What is released is overwritten at once. */
export class FollowedTopic {
  readonly cluster = new MemoryCluster();
  readonly readings: Observed[] = [];
  readonly readers: Reader[] = [];
  /** All that was ever released, and how often. */
  readonly released: SourceBatch[] = [];
  readonly shared: TopicSource;
  readonly #bounds: WindowBounds;

  /** `runMax`: batches of a run at most. */
  constructor(partitions: number, bounds: WindowBounds, runMax = 1) {
    this.cluster.makeTopic(TOPIC, partitions);
    this.#bounds = bounds;
    const memory = memoryTopicSource(this.cluster, runMax);
    this.shared = sharedSource(
      { ...memory, read: (...asked) => this.#observed(memory.read(...asked), asked[1]) },
      bounds,
    );
  }

  /** Readings of the source that have not ended. */
  get open(): readonly Observed[] {
    return this.readings.filter(({ isOver }) => !isOver);
  }

  get pulls(): number {
    return this.readings.reduce((sum, { pulls }) => sum + pulls, 0);
  }

  /** Each value says where it stands. */
  append(partition: number, count: number): void {
    const { end } = this.cluster.log(TOPIC, partition);
    const records = Array.from({ length: count }, (_, index) => ({
      timestamp: 1_700_000_000_000n,
      key: null,
      value: Buffer.from(`${partition}.${end + BigInt(index)}`),
      headers: [],
    }));
    this.cluster.append(TOPIC, partition, records);
  }

  /** The batch that was appended last fails its checksum. */
  corrupt(partition: number): void {
    const last = this.log(partition).stretches.at(-1);
    if (last !== undefined) last.isCorrupt = true;
  }

  log(partition: number) {
    return this.cluster.log(TOPIC, partition);
  }

  async describe(): Promise<TopicDescription> {
    return await this.shared.describe(TOPIC);
  }

  /** Somebody who reads from these offsets on: one for each partition, which is its index. */
  async reader(offsets: readonly bigint[], leaderEpoch = -1): Promise<Reader> {
    const from = offsets.map((offset, partition) => ({ partition, offset, leaderEpoch }));
    const reader = new Reader(this.shared, await this.describe(), from);
    this.readers.push(reader);
    return reader;
  }

  /** All take and let go until nothing comes any more. */
  async drain(readers: readonly Reader[] = this.readers): Promise<void> {
    for (let idle = false; !idle; ) {
      for (const reader of readers) reader.take();
      await settle();
      idle = readers.every((reader) => reader.isWaiting || reader.isOver);
      for (const reader of readers) reader.letGoAll();
    }
  }

  /** Throws when a window is larger than it may be: what is neither released nor held by a reader is in it. */
  checkWindows(): void {
    const held = new Set(this.readers.flatMap(({ held }) => held.flatMap(({ batches }) => batches)));
    for (const { unreleased } of this.open) {
      const kept = [...unreleased].filter(({ batches }) => !batches.some((batch) => held.has(batch)));
      const bytes = kept.reduce((sum, run) => sum + bytesOf(run), 0);
      assert(kept.length <= 1 || bytes <= this.#bounds.bytesMax, `A window of ${bytes} bytes.`);
    }
  }

  async *#observed(
    news: AsyncIterable<SourceBatch | SourceWedge>,
    from: readonly SourcePosition[],
  ): AsyncGenerator<SourceBatch | SourceWedge> {
    const reading: Observed = { from, pulls: 0, isOver: false, isToFail: false, unreleased: new Set() };
    this.readings.push(reading);
    try {
      for await (const each of news) {
        if (reading.isToFail) throw new MeshError("KAFKA_UNAVAILABLE", "The broker is gone.");
        reading.pulls += 1;
        yield "error" in each ? each : this.#releasable(each, reading);
      }
    } finally {
      reading.isOver = true;
    }
  }

  #releasable(run: SourceBatch, { unreleased }: Observed): SourceBatch {
    const batches = run.batches.map((batch) => Uint8Array.from(batch));
    const release = (): void => {
      assert(unreleased.delete(own), "A run is released once.");
      this.released.push(own);
      for (const batch of batches) batch.fill(0xee);
    };
    const own: SourceBatch = { ...run, batches, release };
    unreleased.add(own);
    return own;
  }
}

const bytesOf = ({ batches }: SourceBatch): number => batches.reduce((sum, { length }) => sum + length, 0);

/** A run of a record counts for a little more than 1 KiB: a window has room for about six, and two stay. */
export const BOUNDS = { bytesMax: 7_000, keptBytes: 2_500 };

/** Batch after batch of one record each. */
export function filled(count: number, partitions = 1): FollowedTopic {
  const topic = new FollowedTopic(partitions, BOUNDS);
  for (let partition = 0; partition < partitions; partition += 1)
    for (let at = 0; at < count; at += 1) topic.append(partition, 1);
  return topic;
}

/** Lets everything happen that can. */
export const settle = async (): Promise<void> => void (await turn());

/** Who reads the shared source, at its own pace: what it took it may hold for a while before it looks into it. */
export class Reader {
  readonly from: readonly SourcePosition[];
  /** Partition → the values seen. */
  readonly seen = new Map<number, string[]>();
  readonly wedged: number[] = [];
  readonly held: SourceBatch[] = [];
  /** What the reading threw last. */
  failure: unknown;
  isWaiting = false;
  isOver = false;
  readonly #source: TopicSource;
  readonly #topic: TopicDescription;
  readonly #places: Map<number, SourcePosition>;
  readonly #stop = new AbortController();
  #iterator: AsyncIterator<SourceBatch | SourceWedge>;

  constructor(source: TopicSource, topic: TopicDescription, from: readonly SourcePosition[]) {
    this.from = from;
    this.#source = source;
    this.#topic = topic;
    this.#places = new Map(from.map((place) => [place.partition, place]));
    this.#iterator = this.#read();
  }

  /** Asks for what comes next, unless it waits for it already. */
  take(): void {
    if (this.isWaiting || this.isOver) return;
    this.isWaiting = true;
    this.#iterator.next().then(
      ({ done, value }) => {
        this.isWaiting = false;
        if (done === true) this.isOver = true;
        else this.#receive(value);
      },
      (error: unknown) => {
        this.isWaiting = false;
        this.failure = error;
      },
    );
  }

  /** Looks into the oldest run that it holds, and releases it. */
  letGo(): void {
    const run = this.held.shift();
    if (run === undefined) return;
    const { partition, offset } = run.from;
    const seen = this.seen.get(partition) ?? [];
    for (const batch of run.batches)
      for (const { value } of recordCodec.decode(batch, offset, 1e9))
        seen.push(Buffer.from(value ?? []).toString());
    this.seen.set(partition, seen);
    run.release?.();
  }

  letGoAll(): void {
    while (this.held.length > 0) this.letGo();
  }

  /** Reads on from where it is, as a link that comes back. */
  retry(): void {
    this.failure = undefined;
    this.#iterator = this.#read();
  }

  abort(): void {
    this.#stop.abort();
  }

  /** Who waits for its signal. */
  get listeners(): number {
    return getEventListeners(this.#stop.signal, "abort").length;
  }

  async leave(): Promise<void> {
    await this.#iterator.return?.();
    this.isOver = true;
  }

  /** What it must have seen of a partition once all that lies below `end` was read. */
  expected(partition: number, end: bigint): readonly string[] {
    const first = this.from[partition]?.offset ?? 0n;
    return Array.from({ length: Number(end - first) }, (_, at) => `${partition}.${first + BigInt(at)}`);
  }

  #read(): AsyncIterator<SourceBatch | SourceWedge> {
    return this.#source
      .read(this.#topic, [...this.#places.values()], this.#stop.signal)
      [Symbol.asyncIterator]();
  }

  #receive(news: SourceBatch | SourceWedge): void {
    if ("error" in news) {
      assert(this.#places.delete(news.partition), "A wedge is told once.");
      this.wedged.push(news.partition);
      return;
    }
    assert.equal(news.from.offset, this.#places.get(news.next.partition)?.offset, "A run follows the last.");
    this.#places.set(news.next.partition, news.next);
    this.held.push(news);
  }
}
