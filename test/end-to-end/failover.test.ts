import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KafkaRecord } from "../../src/kernel/record.ts";
import { order, writeContract } from "./contract.ts";
import { differenceOf, expectReconciled, isPermitted, numberIn, recordOf } from "./exactness.ts";
import { Follower, numberOf, readWhole, textOf } from "./follower.ts";
import { Load } from "./load.ts";
import { link } from "./operator.ts";
import { kafkaClient, Pair } from "./pair.ts";

const TOPIC = "orders";
const REPLICA = `aurora.${TOPIC}`;
const PARTITIONS = 2;
const PER_SECOND = 1_000;
/** How many of the newest records of each partition the copy lacks. */
const BEHIND = 300;
/** The last record of each partition, so that the end is seen to have come. */
const LAST = 1_000_000_000;

interface Copied {
  readonly partition: number;
  readonly record: KafkaRecord;
}

describe("A subscriber whose replica was lost, and restored from a copy without cursors, under load", () => {
  let pair: Pair;
  let agreement = "";
  let before: readonly Copied[] = [];
  let kept = 0;
  let firstNewMs = 0;

  beforeAll(async () => {
    pair = await Pair.start();
    await pair.topic(TOPIC, PARTITIONS);
    await pair.publish(writeContract(pair.folder, { name: TOPIC, topic: TOPIC }));
    agreement = await pair.share(TOPIC);
    const load = new Load(pair.producer, TOPIC, PER_SECOND, (number) => ({
      partition: number % PARTITIONS,
      value: recordOf(number),
    }));
    const replica = new Follower(pair.helixKafka.bootstrap, REPLICA, numberOf);
    await replica.until(({ length }) => length > 4 * BEHIND, 60_000);
    await replica.stop();
    await pair.helix.kill();
    before = await readWhole(pair.helixKafka.bootstrap, REPLICA, (record, partition) => ({
      partition,
      record,
    }));
    kept = await restore(pair, agreement, before);
    await pair.helix.serve();
    await pair.helix.told(({ code }) => code === "LINK_CURSOR_LOST", { from: pair.helix.tellings - 1 });
    const began = performance.now();
    const restored = new Follower(pair.helixKafka.bootstrap, REPLICA, numberOf);
    await pair.helix.must("reset", agreement, "--by", "event", "-C", pair.helix.folder);
    await restored.until(({ length }) => length > kept);
    firstNewMs = Math.round(performance.now() - began);
    await sleep(1_000);
    await load.stop();
    const last = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      value: order(LAST + partition),
    }));
    await pair.producer.send({ topic: TOPIC, messages: last });
    await restored.until(
      (numbers) => numbers.filter((number) => number >= LAST).length >= PARTITIONS,
      60_000,
    );
    await restored.stop();
  }, 240_000);
  afterAll(async () => await pair?.stop());

  it("has every permitted record exactly once and in order after `reset --by event`", async () => {
    const source = await readWhole(pair.auroraKafka.bootstrap, TOPIC, (record, partition) => ({
      partition,
      value: textOf(record),
      number: numberOf(record),
    }));
    const replica = await readWhole(pair.helixKafka.bootstrap, REPLICA, (record, partition) => ({
      partition,
      number: numberOf(record),
    }));
    let [lost, doubled] = [0, 0];
    for (let at = 0; at < PARTITIONS; at += 1) {
      const wanted = source
        .filter(({ partition, value }) => partition === at && isPermitted(value))
        .map(numberIn);
      const there = replica.filter(({ partition }) => partition === at).map(numberIn);
      expect(differenceOf(wanted, there), `partition ${at}`).toBeUndefined();
      const numbers = new Set(there);
      lost += wanted.filter((number) => !numbers.has(number)).length;
      doubled += there.length - numbers.size;
    }
    process.stderr.write(
      `failover: ${before.length} records before, ${before.length - kept} of them not in the copy; ` +
        `${lost} lost, ${doubled} doubled; first new record ${firstNewMs} ms after \`reset\` was called\n`,
    );
    expect(kept).toBeLessThan(before.length);
  }, 60_000);

  it("has two logs that reconcile", async () => {
    await expectReconciled(pair);
  }, 60_000);

  it("rests while either side has paused it, and goes on within seconds", async () => {
    const { aurora, helix } = pair;
    for (const [company, number] of [
      [aurora, LAST + 10],
      [helix, LAST + 11],
    ] as const) {
      await company.must("pause", agreement, "--reason", "Moving.", "-C", company.folder);
      for (const each of [aurora, helix]) {
        const paused = async () => (await link(each, agreement)).state;
        // A subscriber that rests is nobody's reader: its publisher is idle.
        const wanted = company === helix && each === aurora ? "idle" : "paused";
        await expect.poll(paused, { timeout: 10_000 }).toBe(wanted);
      }
      await pair.producer.send({ topic: TOPIC, messages: [{ partition: 0, value: order(number) }] });
      await company.must("resume", agreement, "-C", company.folder);
      const replica = new Follower(pair.helixKafka.bootstrap, REPLICA, numberOf);
      await replica.until((numbers) => numbers.includes(number));
      await replica.stop();
      expect(replica.entries.filter((each) => each === number)).toHaveLength(1);
    }
  }, 120_000);

  it("brings everything once more into another topic by `replay`", async () => {
    const { helix } = pair;
    await helix.must("replay", agreement, "--from", "earliest", "--into", "again", "-C", helix.folder);
    const again = new Follower(pair.helixKafka.bootstrap, "again", numberOf);
    await again.until(
      (numbers) => numbers.filter((number) => number >= LAST).length >= PARTITIONS + 2,
      60_000,
    );
    await again.stop();
    const replica = await readWhole(pair.helixKafka.bootstrap, REPLICA, numberOf);
    expect(again.entries.toSorted((a, b) => a - b)).toEqual(replica.toSorted((a, b) => a - b));
    const { stdout } = await helix.must("get", "replays", "-C", helix.folder);
    expect(stdout).toMatch(/ (done|running) +earliest +again /);
  }, 120_000);
});

/**
 * What a restored backup is: the topic made anew with all but the newest records, their headers and no cursors. How many
 * records it holds.
 */
async function restore(pair: Pair, agreement: string, records: readonly Copied[]): Promise<number> {
  const client = kafkaClient(pair.helixKafka.bootstrap);
  const [admin, producer] = [client.admin(), client.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await admin.deleteTopics({ topics: [REPLICA] });
    await gone(admin);
    await admin.deleteGroups([`tiermesh.${agreement}`]).catch(() => undefined);
    await admin.createTopics({
      topics: [{ topic: REPLICA, numPartitions: PARTITIONS }],
      waitForLeaders: true,
    });
    const messages = [...Map.groupBy(records, ({ partition }) => partition).values()].flatMap((all) =>
      all.slice(0, -BEHIND).map(({ partition, record }) => ({
        partition,
        key: record.key === null ? null : Buffer.from(record.key),
        value: record.value === null ? null : Buffer.from(record.value),
        timestamp: String(record.timestamp),
        headers: Object.fromEntries(record.headers.map(([name, value]) => [name, Buffer.from(value ?? [])])),
      })),
    );
    for (let at = 0; at < messages.length; at += BEHIND)
      await producer.send({ topic: REPLICA, messages: messages.slice(at, at + BEHIND) });
    return messages.length;
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

async function gone(admin: Admin): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (!(await admin.listTopics()).includes(REPLICA)) return;
    await sleep(100);
  }
  throw new Error("The topic does not go away.");
}
