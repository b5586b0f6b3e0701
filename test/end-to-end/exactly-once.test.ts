import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FrameDecision } from "../../src/kernel/decision.ts";
import { order, writeContract } from "./contract.ts";
import { committedHeads, coveredBack, differenceOf, isPermitted, numberIn, recordOf } from "./exactness.ts";
import { Follower, numberOf, readWhole, textOf } from "./follower.ts";
import { Load } from "./load.ts";
import { decisions } from "./operator.ts";
import { Pair } from "./pair.ts";
import { printedSeed, seeded } from "./seeded.ts";

const TOPIC = "orders";
const REPLICA = `aurora.${TOPIC}`;
const PARTITIONS = 4;
const PER_SECOND = 2_000;
const KILLS = 20;
/** A gateway lives at most this long after it was seen to carry records. */
const LIFE_MS_MAX = 700;
/** The last record of each partition, so that the end is seen to have come. */
const LAST = 1_000_000_000;

describe("A gateway that is killed with SIGKILL again and again, under load", () => {
  const seed = printedSeed("exactly-once");
  const random = seeded(seed);
  let pair: Pair;
  let agreement = "";

  beforeAll(async () => {
    pair = await Pair.start();
    await pair.topic(TOPIC, PARTITIONS);
    await pair.publish(writeContract(pair.folder, { name: TOPIC, topic: TOPIC }));
    agreement = await pair.share(TOPIC);
    const replica = new Follower(pair.helixKafka.bootstrap, REPLICA, (record) => record.offset);
    const load = new Load(pair.producer, TOPIC, PER_SECOND, (number) => ({
      partition: number % PARTITIONS,
      key: `k${number % 100}`,
      value: recordOf(number),
    }));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = replica.entries.length;
      await replica.until(({ length }) => length > before, 60_000);
      await sleep(random() * LIFE_MS_MAX);
      const victim = kill % 2 === 0 ? pair.aurora : pair.helix;
      await victim.kill();
      await victim.serve();
    }
    await load.stop();
    const last = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      value: order(LAST + partition),
    }));
    await pair.producer.send({ topic: TOPIC, messages: last });
    await replica.stop();
    const ends = new Follower(pair.helixKafka.bootstrap, REPLICA, numberOf);
    await ends.until((numbers) => numbers.filter((number) => number >= LAST).length >= PARTITIONS, 60_000);
    await ends.stop();
  }, 240_000);
  afterAll(async () => await pair?.stop());

  it(`leaves every permitted record in the replica exactly once and in order (seed ${seed})`, async () => {
    const source = await readWhole(pair.auroraKafka.bootstrap, TOPIC, (record, partition) => ({
      partition,
      value: textOf(record),
      number: numberOf(record),
    }));
    const replica = await readWhole(pair.helixKafka.bootstrap, REPLICA, (record, partition) => ({
      partition,
      number: numberOf(record),
    }));
    expect(source.length).toBeGreaterThan(PER_SECOND * 10);
    for (let at = 0; at < PARTITIONS; at += 1) {
      const wanted = source.filter(({ partition, value }) => partition === at && isPermitted(value));
      const there = replica.filter(({ partition }) => partition === at);
      expect(differenceOf(wanted.map(numberIn), there.map(numberIn)), `partition ${at}`).toBeUndefined();
    }
  }, 60_000);

  it("leaves a decision on every source offset along the chain that was committed", async () => {
    const frames = (await decisions(pair.aurora, { agreement, kind: "frame" })) as readonly FrameDecision[];
    const heads = await committedHeads(pair.helixKafka.bootstrap, agreement, REPLICA);
    const source = await readWhole(pair.auroraKafka.bootstrap, TOPIC, ({ offset }, partition) => ({
      offset,
      partition,
    }));
    expect(heads.size).toBe(PARTITIONS);
    for (const [partition, head] of heads) {
      const offsets = source.filter((each) => each.partition === partition).map(({ offset }) => offset);
      const covered = coveredBack(frames, agreement, partition, head);
      expect(covered, `partition ${partition}`).toEqual({ from: 0n, to: offsets.at(-1) });
    }
  }, 60_000);

  it("leaves two logs that reconcile", async () => {
    const { aurora, helix } = pair;
    const said = await Promise.all(
      [aurora, helix].map((each) => each.run("audit", "reconcile", "-C", each.folder)),
    );
    expect(said.map(({ code, stdout, stderr }) => (code === 0 ? "agreed" : stdout + stderr))).toEqual([
      "agreed",
      "agreed",
    ]);
  }, 60_000);
});
