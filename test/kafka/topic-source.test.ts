import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { deleteTopic } from "../../src/kafka/admin.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import { FETCH_SIZES, type FetchSizes } from "../../src/kafka/fetch-request.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { sharedKafka } from "../support/kafka.ts";
import { foreignBatch, TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, recordsOf, valuesOf } from "./lab.ts";

/** Every batch larger than an answer: they come one at a time, cut-off tails between them. */
const TINY: FetchSizes = { bytesMax: 1, partitionBytesMax: 1 };

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

describe("a topic with compressed batches", () => {
  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "is read as it was written: %s",
    async (compression) => {
      const topic = await lab.topic();
      const values = Array.from({ length: 50 }, (_, n) => `${n} ${"text ".repeat(n)}`);
      await lab.write(
        topic,
        0,
        values.map((value) => ({ key: `k${value.length}`, value })),
        compression,
      );
      const runs = await readToEnd(lab.settings, topic);
      expect(runs.flatMap(valuesOf)).toEqual(values);
      expect(runs.flatMap(recordsOf)[3]).toMatchObject({ offset: 3n, timestamp: TIMESTAMP + 3n });
    },
  );

  it("keeps null and empty keys, values and headers, and names twice in their order", async () => {
    const topic = await lab.topic();
    const records: OutboundRecord[] = [
      { timestamp: TIMESTAMP, key: null, value: null, headers: [] },
      { timestamp: 1n, key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [["", null]] },
      {
        timestamp: TIMESTAMP + 2n ** 33n,
        key: Buffer.from([0, 0, 0, 0]),
        value: Buffer.from([0xff, 0xfe]),
        headers: [
          ["a", Buffer.from("1")],
          ["__proto__", null],
          ["a", Buffer.alloc(0)],
        ],
      },
    ];
    await lab.writeBatch(topic, 0, Buffer.from(recordCodec.encode(records)));
    const read = (await readToEnd(lab.settings, topic)).flatMap(recordsOf);
    expect(read).toEqual(records.map((record, index) => ({ ...record, offset: BigInt(index) })));
  });

  it("has the time of appending where the topic keeps that", async () => {
    const topic = await lab.topic(1, { "message.timestamp.type": "LogAppendTime" });
    await lab.write(topic, 0, [{ value: "a" }, { value: "b" }], "zstd");
    const [first, second] = (await readToEnd(lab.settings, topic)).flatMap(recordsOf);
    expect(first?.timestamp).toBeGreaterThan(TIMESTAMP);
    expect(second?.timestamp).toBe(first?.timestamp);
  });
});

describe("a topic with transactions", () => {
  let topic: string;
  const committed = ["plain 1", "good 1", "good 2", "plain 2", "good 3"];
  beforeAll(async () => {
    topic = await lab.topic();
    const zero = Buffer.from([0, 0, 0, 0]);
    await lab.write(topic, 0, [{ value: "plain 1" }]);
    const first = await lab.transaction(topic, 0, [{ value: "bad 1" }, { key: zero, value: "bad 2" }]);
    const second = await lab.transaction(topic, 0, [{ key: zero, value: "bad 3" }, { value: "bad 4" }]);
    const third = await lab.transaction(topic, 0, [{ value: "good 1" }, { key: zero, value: "good 2" }]);
    await lab.write(topic, 0, [{ value: "plain 2" }]);
    await second.end("abort");
    await third.end("commit");
    await first.end("abort");
    await (await lab.transaction(topic, 0, [{ key: zero, value: "bad 5" }])).end("abort");
    await (await lab.transaction(topic, 0, [{ value: "good 3" }])).end("commit");
  });

  it.each([
    ["ordinary", FETCH_SIZES],
    ["tiny", TINY],
    ["small", { bytesMax: 300, partitionBytesMax: 300 }],
  ] as const)("shows what was committed and nothing else, with %s answers", async (_name, sizes) => {
    expect((await readToEnd(lab.settings, topic, { sizes })).flatMap(valuesOf)).toEqual(committed);
  });

  it("shows no aborted record from whichever offset the reading begins", async () => {
    const last = (await readToEnd(lab.settings, topic)).at(-1)?.next.offset ?? 0n;
    expect(last).toBeGreaterThan(committed.length);
    for (let offset = 0n; offset < last; offset += 1n) {
      const values = (await readToEnd(lab.settings, topic, { offset, sizes: TINY })).flatMap(valuesOf);
      expect(values).toEqual(committed.slice(committed.length - values.length));
    }
  });

  it("is read up to the first transaction that is still open, and on when that ends", async () => {
    const waiting = await lab.topic();
    await lab.write(waiting, 0, [{ value: "before" }]);
    const open = await lab.transaction(waiting, 0, [{ value: "inside" }]);
    await lab.write(waiting, 0, [{ value: "after" }]);
    const source = kafkaTopicSource(lab.settings);
    const stop = new AbortController();
    const seen: unknown[] = [];
    const from = await source.positions(waiting, "earliest");
    for await (const run of soundRuns(source.read(await source.describe(waiting), from, stop.signal))) {
      if (seen.length === 0) void open.end("commit");
      seen.push(...valuesOf(run));
      if (seen.includes("after")) stop.abort();
    }
    expect(seen).toEqual(["before", "inside", "after"]);
    source.close();
  });
});

describe("positions at a time", () => {
  it("leave out no record as late that is written while they are asked for", async ({ onTestFinished }) => {
    const topic = await lab.topic();
    const timestamp = TIMESTAMP + 1_000n;
    await lab.write(topic, 0, [{ value: "earlier" }]);
    const { offsets } = Cluster.prototype;
    const asking = vi.spyOn(Cluster.prototype, "offsets").mockImplementationOnce(async function (
      this: Cluster,
      ...asked
    ) {
      const found = await offsets.apply(this, asked);
      await lab.writeBatch(topic, 0, foreignBatch([{ value: "late" }], { timestamp }));
      return found;
    });
    const source = kafkaTopicSource(lab.settings);
    onTestFinished(() => {
      asking.mockRestore();
      source.close();
    });
    const positions = await source.positions(topic, { time: Number(timestamp) });
    expect(positions).toEqual([{ partition: 0, offset: 1n, leaderEpoch: -1 }]);
  });
});

describe("reading", () => {
  it("gives every partition its turn, with answers of one batch", async () => {
    const topic = await lab.topic(4);
    for (let n = 0; n < 12; n += 1) await lab.write(topic, n % 4, [{ value: `${n}` }]);
    const source = kafkaTopicSource(lab.settings, TINY);
    const stop = new AbortController();
    const turns: number[] = [];
    const from = await source.positions(topic, "earliest");
    for await (const run of soundRuns(source.read(await source.describe(topic), from, stop.signal))) {
      turns.push(run.from.partition);
      if (turns.length === 12) stop.abort();
    }
    expect(turns.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
    source.close();
  });

  it("hands a large answer out in pieces that follow each other, cut between batches", async () => {
    const topic = await lab.topic();
    const text = randomBytes(60_000).toString("hex");
    for (let n = 0; n < 8; n += 1) await lab.write(topic, 0, [{ value: text }]);
    const source = kafkaTopicSource(lab.settings);
    const stop = new AbortController();
    const runs: SourceBatch[] = [];
    const from = await source.positions(topic, "earliest");
    for await (const run of soundRuns(source.read(await source.describe(topic), from, stop.signal))) {
      runs.push(run);
      if (run.next.offset === 8n) stop.abort();
    }
    source.close();
    expect(runs.flatMap((run) => run.batches)).toHaveLength(8);
    for (const run of runs) {
      const bytes = run.batches.reduce((sum, batch) => sum + batch.length, 0);
      expect(run.batches.length === 1 || bytes <= LIMITS.sourceRunBytesTarget).toBe(true);
    }
    expect(runs.slice(1).map((run) => run.from)).toEqual(runs.slice(0, -1).map((run) => run.next));
  });

  it.each([true, false])(
    "shows every batch as it was written, its memory released: %s",
    async (isReleased) => {
      const topic = await lab.topic(2);
      const values = Array.from({ length: 24 }, (_, n) => `${n} ${randomBytes(50_000).toString("hex")}`);
      for (const [n, value] of values.entries()) await lab.write(topic, n % 2, [{ value }]);
      const source = kafkaTopicSource(lab.settings, { bytesMax: 400_000, partitionBytesMax: 200_000 });
      const stop = new AbortController();
      const runs: SourceBatch[] = [];
      const seen = [[] as unknown[], [] as unknown[]];
      const memory = new Set<ArrayBufferLike>();
      const from = await source.positions(topic, "earliest");
      for await (const run of soundRuns(source.read(await source.describe(topic), from, stop.signal))) {
        if (!isReleased) runs.push(run);
        seen[run.from.partition]?.push(...valuesOf(run));
        for (const { buffer } of run.batches) memory.add(buffer);
        if (isReleased) run.release?.();
        if (seen.flat().length === values.length) stop.abort();
      }
      source.close();
      const expected = [0, 1].map((partition) => values.filter((_, n) => n % 2 === partition));
      expect(seen).toEqual(expected);
      if (isReleased) expect(memory.size).toBeLessThanOrEqual(3);
      else {
        expect(memory.size).toBeGreaterThan(3);
        const kept = [0, 1].map((partition) =>
          runs.filter((run) => run.from.partition === partition).flatMap(valuesOf),
        );
        expect(kept).toEqual(expected);
      }
    },
  );

  it("sends no more fetches than one ahead while nobody takes the batches", async () => {
    const topic = await lab.topic();
    for (let n = 0; n < 30; n += 1) await lab.write(topic, 0, [{ value: "x".repeat(1_000) }]);
    const source = kafkaTopicSource(lab.settings, TINY);
    const reading = source.read(
      await source.describe(topic),
      await source.positions(topic, "earliest"),
      new AbortController().signal,
    );
    const iterator = reading[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect(first.value.next.offset).toBe(1n);
    await source.positions(topic, "latest");
    const second = await iterator.next();
    expect(second.value.from.offset).toBe(1n);
    await iterator.return?.();
    source.close();
  });

  it("says SOURCE_TRUNCATED when the leader's log never had the epoch that was read", async () => {
    const topic = await lab.topic();
    await lab.write(topic, 0, [{ value: "a" }, { value: "b" }]);
    const source = kafkaTopicSource(lab.settings);
    const from = [{ partition: 0, offset: 1n, leaderEpoch: 1_000 }];
    const reading = source.read(await source.describe(topic), from, new AbortController().signal);
    const { value } = await reading[Symbol.asyncIterator]().next();
    expect(value).toEqual({ partition: 0, error: expect.objectContaining({ code: "SOURCE_TRUNCATED" }) });
    source.close();
  });

  it("ends with a named error when the topic is deleted under it", async () => {
    const topic = await lab.topic();
    await lab.write(topic, 0, [{ value: "a" }]);
    const source = kafkaTopicSource(lab.settings);
    const reading = source.read(
      await source.describe(topic),
      await source.positions(topic, "earliest"),
      new AbortController().signal,
    );
    const iterator = reading[Symbol.asyncIterator]();
    await iterator.next();
    await deleteTopic(lab.settings, topic);
    await expect(iterator.next()).rejects.toEqual(expect.objectContaining({ code: "SOURCE_MISSING" }));
    source.close();
  });
});
