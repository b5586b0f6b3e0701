import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ripeRuns } from "../../../src/bridge/publish/ripe-runs.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import type { SourceBatch, TopicSource } from "../../../src/kernel/ports.ts";
import { MemoryClock } from "../../support/memory-clock.ts";
import { MemoryCluster } from "../../support/memory-cluster.ts";
import { memoryTopicSource } from "../../support/memory-topic-source.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 11, 15, 12);
const TOPIC = "orders";

let clock: MemoryClock;
let cluster: MemoryCluster;
let stop: AbortController;
let leastMs: number;
/** What was handed out, `partition:name`, and how often reading began. */
let seen: string[];
let runs: SourceBatch[];
let readings: number;
let ended: Promise<void>;
beforeEach(() => {
  clock = new MemoryClock(NOW);
  cluster = new MemoryCluster();
  stop = new AbortController();
  [leastMs, seen, runs, readings] = [HOUR, [], [], 0];
});
afterEach(async () => {
  stop.abort();
  await ended;
});

const put = (partition: number, ...records: readonly (readonly [name: string, ageMs: number])[]): void =>
  cluster.append(
    TOPIC,
    partition,
    records.map(([name, ageMs]) => ({
      timestamp: BigInt(clock.now() - ageMs),
      key: null,
      value: Buffer.from(name),
      headers: [],
    })),
  );

function start(runMax?: number): void {
  const source = memoryTopicSource(cluster, runMax);
  const counted: TopicSource = {
    ...source,
    read: (...given) => {
      readings += 1;
      return source.read(...given);
    },
  };
  ended = (async () => {
    const topic = await source.describe(TOPIC);
    const from = await source.positions(TOPIC, "earliest");
    for await (const run of ripeRuns(counted, topic, from, stop.signal, { leastMs: () => leastMs, clock })) {
      if ("error" in run) throw run.error;
      runs.push(run);
      for (const batch of run.batches)
        for (const { value } of recordCodec.decode(batch, run.from.offset, 1e9))
          seen.push(`${run.from.partition}:${Buffer.from(value ?? [])}`);
    }
  })();
}

/** Lets everything happen that can without time passing. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await turn();
}
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe("records that must be an hour old", () => {
  test("are handed out when they are, and not before", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["a", 2 * HOUR]);
    put(0, ["b", HOUR / 2]);
    start();
    await settle();
    expect(seen).toEqual(["0:a"]);
    for (let minutes = 0; minutes < 29; minutes += 1) await pass(60_000);
    expect(seen).toEqual(["0:a"]);
    for (let minutes = 0; minutes < 3; minutes += 1) await pass(60_000);
    expect(seen).toEqual(["0:a", "0:b"]);
  });

  test("wait for the youngest of their batch, and none is lost", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["old", 2 * HOUR], ["young", HOUR - 60_000]);
    start();
    await settle();
    expect(seen).toEqual([]);
    await pass(60_000);
    await pass(60_000);
    expect(seen).toEqual(["0:old", "0:young"]);
  });

  test("do not hold up other partitions, however much lies behind them", async () => {
    cluster.makeTopic(TOPIC, 3);
    put(0, ["young", 0]);
    for (let each = 0; each < 50; each += 1) put(0, [`more${each}`, 0]);
    put(1, ["old", 2 * HOUR]);
    put(2, ["older", 3 * HOUR]);
    start();
    await settle();
    expect(seen.toSorted()).toEqual(["1:old", "2:older"]);
    put(1, ["later", 2 * HOUR]);
    await settle();
    expect(seen.at(-1)).toBe("1:later");
  });

  test("keep their order, though older ones stand behind a young one", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["young", HOUR / 2]);
    put(0, ["old", 2 * HOUR]);
    put(0, ["older", 3 * HOUR]);
    start(1);
    await settle();
    expect(seen).toEqual([]);
    for (let minutes = 0; minutes < 32; minutes += 1) await pass(60_000);
    expect(seen).toEqual(["0:young", "0:old", "0:older"]);
  });

  test("keep it when the clock is set back while they are read", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["young", HOUR / 2]);
    put(0, ["old", 2 * HOUR]);
    leastMs = HOUR;
    const now = clock.now.bind(clock);
    let calls = 0;
    // The first look is at the time of the round, all later ones some minutes before.
    clock.now = () => now() - (calls++ === 0 ? 0 : HOUR / 10);
    start(1);
    await settle();
    expect(seen).toEqual([]);
  });

  test("come in runs that follow each other without a gap", async () => {
    cluster.makeTopic(TOPIC, 1);
    for (let each = 0; each < 6; each += 1) put(0, [`r${each}`, HOUR + 6 - each]);
    for (let each = 0; each < 6; each += 1) put(0, [`y${each}`, HOUR - (each + 1) * 120_000]);
    start();
    await settle();
    for (let minutes = 0; minutes < 20; minutes += 1) await pass(60_000);
    expect(seen).toHaveLength(12);
    let next = 0n;
    for (const run of runs) {
      expect(run.from.offset).toBe(next);
      next = run.next.offset;
    }
    expect(next).toBe(12n);
  });

  test("that lie further ahead than Kafka lets them come at once, to be denied", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["tomorrow", -24 * HOUR]);
    put(0, ["old", HOUR]);
    start();
    await settle();
    expect(seen).toEqual(["0:tomorrow", "0:old"]);
  });

  test("that lie a little ahead wait like all others", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["soon", -60_000]);
    start();
    await settle();
    expect(seen).toEqual([]);
  });

  test("come at once when the rule is taken away, within a minute", async () => {
    cluster.makeTopic(TOPIC, 1);
    put(0, ["young", 0]);
    start();
    await settle();
    leastMs = 0;
    await pass(60_000);
    expect(seen).toEqual(["0:young"]);
  });

  test("that all wait end with the signal", async () => {
    cluster.makeTopic(TOPIC, 2);
    put(0, ["young", 0]);
    put(1, ["young", 0]);
    start();
    await settle();
    stop.abort();
    await ended;
    expect(seen).toEqual([]);
  });

  test("are not read over and over while they wait", async () => {
    cluster.makeTopic(TOPIC, 8);
    for (let partition = 0; partition < 8; partition += 1)
      for (let each = 0; each < 5; each += 1) put(partition, [`y${each}`, 0]);
    start();
    await settle();
    const first = readings;
    expect(first).toBeLessThanOrEqual(3);
    for (let minutes = 0; minutes < 10; minutes += 1) await pass(60_000);
    expect(readings - first).toBeLessThanOrEqual(30);
  });
});

test("partitions that come of age one after the other are woken together", async () => {
  cluster.makeTopic(TOPIC, 40);
  for (let partition = 0; partition < 40; partition += 1)
    put(partition, [`y${partition}`, HOUR - partition * 1_000 - 1]);
  start();
  await settle();
  for (let seconds = 0; seconds < 60; seconds += 1) await pass(1_000);
  expect(seen.filter((name) => name !== "0:y0")).toHaveLength(39);
  expect(readings).toBeLessThanOrEqual(8);
});

test("without a rule everything comes as the source has it, over one reading", async () => {
  leastMs = 0;
  cluster.makeTopic(TOPIC, 2);
  put(0, ["a", 0], ["b", 0]);
  put(1, ["c", 0]);
  start();
  await settle();
  put(0, ["d", 0]);
  await settle();
  expect(seen.toSorted()).toEqual(["0:a", "0:b", "0:d", "1:c"]);
  expect(readings).toBe(1);
});
