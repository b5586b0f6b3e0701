import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Kafka, startKafka } from "../../dev/kafka/broker.ts";
import { kafkaJournal } from "../../src/kafka/journal.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { ReplicaLink, ReplicaWriter, SourcePosition } from "../../src/kernel/ports.ts";
import { topicName } from "../support/kafka.ts";
import { foreignBatch, TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, recordsOf, valuesOf } from "./lab.ts";

const TIMEOUT_MS = 120_000;
const forever = new AbortController().signal;
const unavailable = expect.objectContaining({ code: "KAFKA_UNAVAILABLE" });

let kafka: Kafka;
let lab: Lab;
beforeAll(async () => {
  kafka = await startKafka({
    settings: { "log.cleaner.backoff.ms": "100", "log.cleaner.delete.retention.ms": "0" },
  });
  lab = new Lab(plainSettings(kafka.bootstrap));
});
afterAll(async () => {
  lab.close();
  await kafka.stop();
});

const batchOf = (value: string): Buffer =>
  Buffer.from(
    recordCodec.encode([{ timestamp: TIMESTAMP, key: null, value: Buffer.from(value), headers: [] }]),
  );

function linkOf(partitions: number): ReplicaLink {
  const topic = topicName("replica");
  return { topic, partitions, group: topic, transactionalId: topic, topicConfig: { "retention.ms": "-1" } };
}

const STUCK_MS = 20_000;

/**
 * Opens as a link's supervisor does: again after every passing failure. A lone broker that was killed between a transaction's
 * end and its markers may not complete it by itself, and nobody can take its id over; it does once it is started again.
 */
async function openAgain(link: ReplicaLink): Promise<ReplicaWriter> {
  const began = performance.now();
  let restarts = 0;
  for (;;) {
    try {
      return await kafkaReplicaSink(lab.settings).open(link, forever);
    } catch (error) {
      if (!(error instanceof MeshError) || error.row.retry !== "backoff" || restarts > 1) throw error;
      if (performance.now() - began < STUCK_MS) continue;
      restarts += 1;
      await kafka.restart();
    }
  }
}

describe("a broker that is not there", () => {
  it("is KAFKA_UNAVAILABLE to every port, soon", async () => {
    const settings = plainSettings("127.0.0.1:1");
    const source = kafkaTopicSource(settings);
    const journal = kafkaJournal(settings);
    const began = performance.now();
    await expect(source.describe("t")).rejects.toEqual(unavailable);
    await expect(kafkaReplicaSink(settings).open(linkOf(1), forever)).rejects.toEqual(unavailable);
    await expect(journal.append("t", [{ key: "k", value: null }])).rejects.toEqual(unavailable);
    await expect(journal.ensure("t", {})).rejects.toEqual(unavailable);
    await expect(journal.read("t", {})[Symbol.asyncIterator]().next()).rejects.toEqual(unavailable);
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});

describe("a broker that is killed and comes back", () => {
  it(
    "breaks commits off with a named error; the next writer goes on where the cursor is, nothing lost or doubled",
    async () => {
      const link = linkOf(2);
      let writer = await openAgain(link);
      const failures: unknown[] = [];
      let restarting: Promise<void> | undefined;
      for (let n = 0; n < 60; ) {
        if (n === 20 && restarting === undefined) {
          kafka.kill();
          restarting = kafka.restart();
        }
        try {
          const sequence = BigInt(n + 1);
          const writes = [0, 1].map((partition) => ({
            partition,
            batch: batchOf(`v${n}`),
            count: 1,
            cursor: { partition, sequence, metadata: "" },
          }));
          await writer.commit(writes);
          n += 1;
        } catch (error) {
          failures.push(error);
          await writer.close();
          await restarting;
          writer = await openAgain(link);
          n = Number(writer.cursors.get(0)?.sequence ?? 0n);
          expect(writer.cursors.get(1)?.sequence).toBe(BigInt(n));
        }
      }
      await writer.close();
      expect(failures).toEqual([
        expect.objectContaining({ code: expect.stringMatching(/^(KAFKA_|LINK_FENCED)/u) }),
      ]);
      const expected = Array.from({ length: 60 }, (_, n) => `v${n}`);
      for (const partition of [0, 1]) {
        expect((await readToEnd(lab.settings, link.topic, { partition })).flatMap(valuesOf)).toEqual(
          expected,
        );
      }
    },
    TIMEOUT_MS,
  );

  it(
    "lets a reader go on from its last position, every record once",
    async () => {
      const topic = await lab.topic();
      for (let n = 0; n < 5; n += 1) await lab.write(topic, 0, [{ value: `v${n}` }]);
      const source = kafkaTopicSource(lab.settings);
      const description = await source.describe(topic);
      let position: SourcePosition = { partition: 0, offset: 0n, leaderEpoch: -1 };
      const seen: unknown[] = [];
      let restarted: Promise<void> | undefined;
      const failures: unknown[] = [];
      while (seen.length < 10) {
        try {
          for await (const run of soundRuns(source.read(description, [position], forever))) {
            seen.push(...valuesOf(run));
            position = run.next;
            if (seen.length >= 5 && restarted === undefined) {
              kafka.kill();
              restarted = kafka.restart().then(async () => {
                for (let n = 5; n < 10; n += 1) await lab.write(topic, 0, [{ value: `v${n}` }]);
              });
            }
            if (seen.length >= 10) break;
          }
        } catch (error) {
          failures.push(error);
        }
      }
      await restarted;
      expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => `v${n}`));
      expect(
        failures.every((error) => error instanceof MeshError && error.code === "KAFKA_UNAVAILABLE"),
      ).toBe(true);
      source.close();
    },
    TIMEOUT_MS,
  );

  it(
    "lets appends to a journal fail or succeed, and takes new ones afterwards",
    async () => {
      const journal = kafkaJournal(lab.settings);
      const topic = topicName("journal");
      await journal.ensure(topic, {});
      const entry = (key: string) => [{ key, value: Buffer.from(key) }];
      await journal.append(topic, entry("before"));
      kafka.kill();
      const during = journal.append(topic, entry("during")).then(
        () => "stored",
        (error: unknown) => error,
      );
      await kafka.restart();
      const outcome = await during;
      await journal.append(topic, entry("after"));
      const keys: unknown[] = [];
      for await (const { key } of journal.read(topic, {})) keys.push(key);
      if (outcome === "stored") expect(keys).toEqual(["before", "during", "after"]);
      else {
        expect(outcome).toEqual(unavailable);
        expect(keys.filter((key) => key !== "during")).toEqual(["before", "after"]);
      }
      journal.close();
    },
    TIMEOUT_MS,
  );
});

describe("a log whose bytes are not what was written", () => {
  it(
    "ends its partition's reading before them, and the other partitions are read on",
    async () => {
      const topic = await lab.topic(2);
      for (const value of ["a", "b", "broken", "c"]) await lab.write(topic, 0, [{ value }]);
      await lab.write(topic, 1, [{ value: "d" }]);
      const log = join(kafka.directory, "data", `${topic}-0`, "00000000000000000000.log");
      const at = (await readFile(log)).indexOf("broken");
      const file = await open(log, "r+");
      await file.write("BROKEN", at);
      await file.close();
      const source = kafkaTopicSource(lab.settings);
      const from = await source.positions(topic, "earliest");
      const stop = new AbortController();
      const seen: unknown[] = [];
      for await (const run of source.read(await source.describe(topic), from, stop.signal)) {
        if ("error" in run) seen.push(run);
        else seen.push(...valuesOf(run));
        if (seen.length === 4) await lab.write(topic, 1, [{ value: "e" }]);
        if (seen.length === 5) stop.abort();
      }
      source.close();
      const wedge = {
        partition: 0,
        error: expect.objectContaining({ code: "SOURCE_CORRUPT", context: { offset: "2" } }),
      };
      expect(seen).toEqual(expect.arrayContaining(["a", "b", wedge, "d"]));
      expect(seen.at(-1)).toBe("e");
    },
    TIMEOUT_MS,
  );
});

describe("a compacted topic", () => {
  it(
    "is read with its gaps, the latest of every key, and the position moves over what is gone",
    async () => {
      const topic = await lab.topic(1, {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.0",
        "max.compaction.lag.ms": "100",
      });
      // A segment is closed by the first record that is later than its own by segment.ms.
      const write = async (n: number): Promise<void> => {
        const records = [
          { key: "same", value: `same ${n}` },
          { key: `own ${n}`, value: `own ${n}` },
        ];
        await lab.writeBatch(topic, 0, foreignBatch(records, { timestamp: TIMESTAMP + BigInt(n) * 1_000n }));
      };
      for (let n = 0; n < 10; n += 1) await write(n);
      // The cleaner comes when it will; each look closes another segment.
      let n = 10;
      await expect
        .poll(
          async () => {
            await write(n);
            n += 1;
            const records = (await readToEnd(lab.settings, topic)).flatMap(recordsOf);
            return records.filter(({ key }) => Buffer.from(key ?? []).toString() === "same").length < 5;
          },
          { timeout: 60_000, interval: 300 },
        )
        .toBe(true);
      const runs = await readToEnd(lab.settings, topic);
      const records = runs.flatMap(recordsOf);
      const own = records.filter(({ key }) =>
        Buffer.from(key ?? [])
          .toString()
          .startsWith("own"),
      );
      expect(own.map(({ offset }) => offset)).toEqual(
        Array.from({ length: n }, (_, at) => BigInt(at * 2 + 1)),
      );
      expect(runs.at(-1)?.next.offset).toBe(BigInt(n * 2));
    },
    TIMEOUT_MS,
  );
});
