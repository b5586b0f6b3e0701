import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  RecordCodec,
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicSource,
} from "../../src/kernel/ports.ts";

/** What a suite needs of the world behind a TopicSource. */
export interface SourceWorld {
  readonly source: TopicSource;
  readonly codec: RecordCodec;
  /** Makes a topic and returns its name. */
  makeTopic(partitions: number): Promise<string>;
  remakeTopic(topic: string, partitions: number): Promise<void>;
  /** Gives the topic so many partitions in all. */
  growTopic(topic: string, partitions: number): Promise<void>;
  /** Appends records with these values in one batch. */
  append(topic: string, partition: number, values: readonly string[]): Promise<void>;
  /** Appends in a transaction that is aborted. */
  appendAborted(topic: string, partition: number, values: readonly string[]): Promise<void>;
  /** Deletes all records below the offset. */
  truncateBelow(topic: string, partition: number, offset: bigint): Promise<void>;
  close(): Promise<void>;
}

/** What every TopicSource guarantees (src/kernel/ports.ts). */
export function topicSourceSuite(name: string, makeWorld: () => Promise<SourceWorld>): void {
  describe(`TopicSource by ${name}`, () => {
    let world: SourceWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(async () => await world.close());

    /** Reads until `until` says so; runs and wedges in order. */
    async function read(
      topic: string,
      from: readonly SourcePosition[],
      until: (news: readonly (SourceBatch | SourceWedge)[]) => boolean,
    ): Promise<readonly (SourceBatch | SourceWedge)[]> {
      const news: (SourceBatch | SourceWedge)[] = [];
      const stop = new AbortController();
      const description = await world.source.describe(topic);
      for await (const run of world.source.read(description, from, stop.signal)) {
        news.push(run);
        if (until(news)) stop.abort();
      }
      return news;
    }

    const isRun = (run: SourceBatch | SourceWedge): run is SourceBatch => !("error" in run);
    const isWedge = (run: SourceBatch | SourceWedge): run is SourceWedge => "error" in run;

    /** The same without the wedges. */
    async function readRuns(
      topic: string,
      from: readonly SourcePosition[],
      until: (runs: readonly SourceBatch[]) => boolean,
    ): Promise<readonly SourceBatch[]> {
      return (await read(topic, from, (news) => until(news.filter(isRun)))).filter(isRun);
    }

    /** The wedge of the one partition that is read. */
    async function readWedge(topic: string, from: SourcePosition): Promise<SourceWedge | undefined> {
      return (await read(topic, [from], (news) => news.some(isWedge))).find(isWedge);
    }

    const values = (runs: readonly SourceBatch[], partition = 0): string[] =>
      runs
        .filter((run) => run.from.partition === partition)
        .flatMap((run) =>
          run.batches.flatMap((batch) => world.codec.decode(batch, run.from.offset, 1_000_000)),
        )
        .map((record) => Buffer.from(record.value ?? []).toString());

    const at = (offset: bigint, partition = 0): SourcePosition => ({ partition, offset, leaderEpoch: -1 });

    it("describes a topic, and gives another id to a topic made again", async () => {
      const topic = await world.makeTopic(3);
      const first = await world.source.describe(topic);
      expect(first).toEqual({
        name: topic,
        partitions: 3,
        topicId: expect.stringMatching(/^[0-9a-f]{32}$/u),
      });
      await world.remakeTopic(topic, 2);
      const second = await world.source.describe(topic);
      expect(second.partitions).toBe(2);
      expect(second.topicId).not.toBe(first.topicId);
    });

    it("says SOURCE_MISSING of a topic that is not there", async () => {
      const missing = expect.objectContaining({ code: "SOURCE_MISSING" });
      await expect(world.source.describe("no-such-topic")).rejects.toEqual(missing);
      await expect(world.source.positions("no-such-topic", "earliest")).rejects.toEqual(missing);
    });

    it("knows where the log begins and ends", async () => {
      const topic = await world.makeTopic(2);
      await world.append(topic, 1, ["a", "b", "c"]);
      await world.truncateBelow(topic, 1, 1n);
      expect(await world.source.positions(topic, "earliest")).toEqual([at(0n), at(1n, 1)]);
      expect(await world.source.positions(topic, "latest")).toEqual([at(0n), at(3n, 1)]);
    });

    it("takes the end for a time that no record has reached", async () => {
      const topic = await world.makeTopic(1);
      await world.append(topic, 0, ["a"]);
      expect(await world.source.positions(topic, { time: 4_000_000_000_000 })).toEqual([at(1n)]);
      expect(await world.source.positions(topic, { time: 0 })).toEqual([at(0n)]);
    });

    it("reads every partition in order, and each run begins where the one before ended", async () => {
      const topic = await world.makeTopic(2);
      for (let n = 0; n < 5; n += 1) {
        await world.append(topic, 0, [`a${n}`, `b${n}`]);
        await world.append(topic, 1, [`c${n}`]);
      }
      const runs = await readRuns(
        topic,
        [at(0n), at(0n, 1)],
        (sofar) => values(sofar).length === 10 && values(sofar, 1).length === 5,
      );
      expect(values(runs)).toEqual(["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"]);
      expect(values(runs, 1)).toEqual(["c0", "c1", "c2", "c3", "c4"]);
      for (const partition of [0, 1]) {
        let next = 0n;
        for (const run of runs.filter((row) => row.from.partition === partition)) {
          expect(run.from.offset).toBe(next);
          next = run.next.offset;
        }
      }
    });

    it("goes on in the middle of a batch", async () => {
      const topic = await world.makeTopic(1);
      await world.append(topic, 0, ["a", "b", "c"]);
      const runs = await readRuns(topic, [at(1n)], (sofar) => values(sofar).length === 2);
      expect(values(runs)).toEqual(["b", "c"]);
      expect(runs.at(-1)?.next.offset).toBe(3n);
    });

    it("waits at the end for what comes", async () => {
      const topic = await world.makeTopic(1);
      const reading = readRuns(topic, [at(0n)], (sofar) => values(sofar).length === 1);
      await world.append(topic, 0, ["late"]);
      expect(values(await reading)).toEqual(["late"]);
    });

    it("never shows aborted data, and moves over it", async () => {
      const topic = await world.makeTopic(1);
      await world.appendAborted(topic, 0, ["secret 1", "secret 2"]);
      await world.append(topic, 0, ["good"]);
      const runs = await readRuns(topic, [at(0n)], (sofar) => values(sofar).length > 0);
      expect(values(runs)).toEqual(["good"]);
      const end = (await world.source.positions(topic, "latest"))[0]?.offset;
      expect(runs.at(-1)?.next.offset).toBe(end);
    });

    it("ends when its signal aborts while nothing comes", async () => {
      const topic = await world.makeTopic(1);
      const stop = new AbortController();
      const reading = world.source
        .read(await world.source.describe(topic), [at(0n)], stop.signal)
        [Symbol.asyncIterator]();
      const first = reading.next();
      stop.abort();
      expect((await first).done).toBe(true);
    });

    it("says SOURCE_TRUNCATED when records below the position are gone", async () => {
      const topic = await world.makeTopic(1);
      await world.append(topic, 0, ["a", "b", "c"]);
      await world.truncateBelow(topic, 0, 2n);
      expect(await readWedge(topic, at(1n))).toEqual({
        partition: 0,
        error: expect.objectContaining({
          code: "SOURCE_TRUNCATED",
          message: expect.stringMatching(/2 up to 3.*at 1/u),
        }),
      });
    });

    it("says SOURCE_TRUNCATED of a position beyond the end", async () => {
      const topic = await world.makeTopic(1);
      await world.append(topic, 0, ["a"]);
      const error = expect.objectContaining({ code: "SOURCE_TRUNCATED" });
      expect(await readWedge(topic, at(9n))).toEqual({ partition: 0, error });
    });

    it("tells a wedge once, and reads the other partitions on", async () => {
      const topic = await world.makeTopic(2);
      await world.append(topic, 0, ["a", "b", "c"]);
      await world.append(topic, 1, ["d"]);
      await world.truncateBelow(topic, 0, 2n);
      let appended = false;
      const news = await read(topic, [at(1n), at(0n, 1)], (sofar) => {
        if (!appended && sofar.some(isWedge) && sofar.some(isRun)) {
          appended = true;
          void world.append(topic, 0, ["never"]).then(async () => await world.append(topic, 1, ["e"]));
        }
        return values(sofar.filter(isRun), 1).length === 2;
      });
      expect(news.filter(isWedge)).toHaveLength(1);
      expect(values(news.filter(isRun), 1)).toEqual(["d", "e"]);
      expect(values(news.filter(isRun), 0)).toEqual([]);
    });

    it("says with every run where the committed records end", async () => {
      const topic = await world.makeTopic(1);
      for (const value of ["a", "b", "c"]) await world.append(topic, 0, [value]);
      const runs = await readRuns(topic, [at(0n)], (sofar) => values(sofar).length === 3);
      expect(runs.at(-1)?.end).toBe(3n);
      for (const { end, next } of runs) expect(end).toBeGreaterThanOrEqual(next.offset);
    });

    it("says STREAM_CHANGED when the topic has more partitions than described", async () => {
      const topic = await world.makeTopic(1);
      await world.append(topic, 0, ["a"]);
      const described = await world.source.describe(topic);
      const reading = world.source.read(described, [at(0n)], new AbortController().signal);
      const iterator = reading[Symbol.asyncIterator]();
      expect((await iterator.next()).value).toMatchObject({ next: { offset: 1n } });
      await world.growTopic(topic, 2);
      await expect(iterator.next()).rejects.toEqual(expect.objectContaining({ code: "STREAM_CHANGED" }));
    });

    it("says SOURCE_RECREATED when the topic is another one than described", async () => {
      const topic = await world.makeTopic(1);
      await world.append(topic, 0, ["old"]);
      const old = await world.source.describe(topic);
      await world.remakeTopic(topic, 1);
      await world.append(topic, 0, ["new"]);
      const reading = world.source.read(old, [at(1n)], new AbortController().signal)[Symbol.asyncIterator]();
      await expect(reading.next()).rejects.toEqual(expect.objectContaining({ code: "SOURCE_RECREATED" }));
    });
  });
}
