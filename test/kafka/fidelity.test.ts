import { randomBytes } from "node:crypto";
import type { IHeaders } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FetchSizes } from "../../src/kafka/fetch-request.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import { sharedKafka } from "../support/kafka.ts";
import { consoleConsumer } from "./console-consumer.ts";
import { foreignBatch, TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, recordsOf, valuesOf } from "./lab.ts";

/** Every kind of record that Kafka can hold, written by others, read by our source: what an engineer's topics have in them. */
let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

const read = async (topic: string, partition = 0, sizes?: FetchSizes) =>
  (await readToEnd(lab.settings, topic, { partition, ...(sizes === undefined ? {} : { sizes }) })).flatMap(
    recordsOf,
  );
const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();

describe("one partition with batches of every codec", () => {
  const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

  it("is read in order, as Kafka's own consumer reads it", async () => {
    const topic = await lab.topic();
    const written: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const codec of CODECS) {
        const values = Array.from({ length: 7 }, (_, n) => `${codec} ${round}.${n} ${"x".repeat(n * 40)}`);
        await lab.write(
          topic,
          0,
          values.map((value) => ({ key: `key ${value.length}`, value })),
          codec,
        );
        written.push(...values);
      }
    }
    const records = await read(topic);
    expect(records.map(({ value }) => text(value))).toEqual(written);
    expect(records.map(({ offset }) => offset)).toEqual(written.map((_, n) => BigInt(n)));
    const lines = await consoleConsumer(lab.settings.brokers[0] ?? "", topic, written.length);
    expect(records.map(({ key, value }) => `Partition:0\tNO_HEADERS\t${text(key)}\t${text(value)}`)).toEqual(
      lines,
    );
  });
});

describe("records of another client", () => {
  it("keep empty and null keys and values, tombstones, and headers in order with names twice", async () => {
    const topic = await lab.topic();
    const producer = lab.kafkajs.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const headers: IHeaders = { twice: ["1", "2"], empty: "", binary: Buffer.from([0, 0xff, 0x0a]) };
    const messages = [
      { key: null, value: "without a key" },
      { key: "", value: "" },
      { key: "gone", value: null },
      { key: "with headers", value: "v", headers, timestamp: "1" },
      { key: Buffer.from([0, 0, 0, 0]), value: Buffer.from([0xc3, 0x28]) },
    ];
    await producer.send({ topic, acks: -1, messages: messages.map((row) => ({ ...row, partition: 0 })) });
    await producer.disconnect();
    const records = await read(topic);
    expect(records.map(({ key, value }) => [key, value].map((part) => part && Buffer.from(part)))).toEqual([
      [null, Buffer.from("without a key")],
      [Buffer.alloc(0), Buffer.alloc(0)],
      [Buffer.from("gone"), null],
      [Buffer.from("with headers"), Buffer.from("v")],
      [Buffer.from([0, 0, 0, 0]), Buffer.from([0xc3, 0x28])],
    ]);
    expect(records[3]?.timestamp).toBe(1n);
    expect(records[3]?.headers.map(([name, value]) => [name, value && Buffer.from(value)])).toEqual([
      ["twice", Buffer.from("1")],
      ["twice", Buffer.from("2")],
      ["empty", Buffer.alloc(0)],
      ["binary", Buffer.from([0, 0xff, 0x0a])],
    ]);
  });

  it("keep their times where the topic has the producer's, and lose them to the broker's where it has that", async () => {
    const [own, appended] = [
      await lab.topic(),
      await lab.topic(1, { "message.timestamp.type": "LogAppendTime" }),
    ];
    const began = BigInt(Date.now());
    for (const topic of [own, appended]) {
      await lab.writeBatch(topic, 0, foreignBatch([{ value: "a" }, { value: "b" }], { timestamp: 5n }));
    }
    expect((await read(own)).map(({ timestamp }) => timestamp)).toEqual([5n, 6n]);
    const times = (await read(appended)).map(({ timestamp }) => timestamp);
    expect(new Set(times).size).toBe(1);
    expect(times[0]).toBeGreaterThanOrEqual(began);
  });
});

describe("a topic that many transactions write to", () => {
  it("shows committed records alone, several aborts of one producer in one fetch among them", async () => {
    const topic = await lab.topic();
    const expected: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const aborted = await lab.transaction(topic, 0, [{ value: `bad ${n}` }]);
      await lab.write(topic, 0, [{ value: `plain ${n}` }], "lz4");
      await aborted.end("abort");
      await (await lab.transaction(topic, 0, [{ value: `good ${n}` }])).end("commit");
      expected.push(`plain ${n}`, `good ${n}`);
    }
    await lab.abortTwice(topic, 0, [{ value: "bad again" }]);
    await lab.write(topic, 0, [{ value: "last" }]);
    expected.push("last");
    expect((await read(topic)).map(({ value }) => text(value))).toEqual(expected);
    const lines = await consoleConsumer(lab.settings.brokers[0] ?? "", topic, expected.length);
    expect(lines.map((line) => line.split("\t").at(-1))).toEqual(expected);
  });

  it("has no next record behind its last marker: the position is the log's end", async () => {
    const topic = await lab.topic();
    await (await lab.transaction(topic, 0, [{ value: "a" }])).end("commit");
    await (await lab.transaction(topic, 0, [{ value: "b" }])).end("abort");
    const last = (await readToEnd(lab.settings, topic)).at(-1);
    expect(last?.next.offset).toBe(4n);
    expect(last?.end).toBe(4n);
  });
});

describe("a log that does not begin with its first batch", () => {
  it("is read from inside a batch, compressed or not", async () => {
    for (const codec of ["none", "zstd"] as const) {
      const topic = await lab.topic();
      const values = Array.from({ length: 50 }, (_, n) => ({ value: `v${n}` }));
      await lab.write(topic, 0, values, codec);
      await lab.deleteRecords(topic, 0, 33n);
      const source = kafkaTopicSource(lab.settings);
      const start = (await source.positions(topic, "earliest"))[0];
      source.close();
      expect(start?.offset).toBe(33n);
      const runs = await readToEnd(lab.settings, topic, { offset: start?.offset ?? 0n });
      expect(runs.flatMap(valuesOf)).toEqual(values.slice(33).map(({ value }) => value));
    }
  });
});

describe("a record as large as the topic takes", () => {
  it("comes whole, though it is larger than an answer shall be", async () => {
    const value = randomBytes(6 * 1024 * 1024);
    const batch = Buffer.from(recordCodec.encode([{ timestamp: TIMESTAMP, key: null, value, headers: [] }]));
    const topic = await lab.topic(1, { "max.message.bytes": `${batch.length}` });
    await lab.write(topic, 0, [{ value: "before" }]);
    await lab.writeBatch(topic, 0, batch);
    await lab.write(topic, 0, [{ value: "after" }]);
    const records = await read(topic, 0, { bytesMax: 64 * 1024, partitionBytesMax: 64 * 1024 });
    expect(records).toHaveLength(3);
    expect(Buffer.from(records[1]?.value ?? []).equals(value)).toBe(true);
  });
});

describe("200 partitions with answers that hold a few batches", () => {
  it("are all read, each in order, and none waits for another to be done", async () => {
    const topic = await lab.topic(200);
    const records = (partition: number, n: number) => [{ value: `${partition}.${n} ${"x".repeat(500)}` }];
    const source = kafkaTopicSource(lab.settings, { bytesMax: 4_000, partitionBytesMax: 600 });
    const from = await source.positions(topic, "earliest");
    for (let n = 0; n < 4; n += 1) {
      const batches = Array.from({ length: 200 }, (_, partition) => ({
        partition,
        batch: foreignBatch(records(partition, n)),
      }));
      await lab.writeBatches(topic, batches);
    }
    const stop = new AbortController();
    const seen = new Map<number, string[]>();
    let allBegun = 0;
    let count = 0;
    const reading = soundRuns(source.read(await source.describe(topic), from, stop.signal));
    for await (const run of reading) {
      const { partition } = run.from;
      seen.set(partition, [...(seen.get(partition) ?? []), ...namesOf(run)]);
      count += run.batches.length;
      if (seen.size === 200 && allBegun === 0) allBegun = count;
      if (count === 800) stop.abort();
    }
    source.close();
    for (let partition = 0; partition < 200; partition += 1) {
      expect(seen.get(partition)).toEqual([0, 1, 2, 3].map((n) => `${partition}.${n}`));
    }
    // Everybody has had a turn before anybody has had a second one, but for the answers that take what fits.
    expect(allBegun).toBeLessThan(400);
  });
});

const namesOf = (run: SourceBatch): readonly string[] =>
  valuesOf(run).map((value) => value?.split(" ")[0] ?? "");
