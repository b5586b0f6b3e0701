import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { order, writeContract } from "./contract.ts";
import { expectCovered, expectExactlyOnce, expectReconciled, recordOf } from "./exactness.ts";
import { Follower, numberOf } from "./follower.ts";
import { Load } from "./load.ts";
import { Pair } from "./pair.ts";
import { printedSeed, seeded } from "./seeded.ts";

const TOPIC = "orders";
const REPLICA = `aurora.${TOPIC}`;
const PARTITIONS = 4;
/** What is written while a gateway starts is what it is killed over: some thousand records each time. */
const PER_SECOND = 500;
const RECORDS_MIN = 10_000;
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
  }, 400_000);
  afterAll(async () => await pair?.stop());

  const course = () => ({
    from: [pair.auroraKafka.bootstrap, TOPIC] as const,
    to: [pair.helixKafka.bootstrap, REPLICA] as const,
    partitions: PARTITIONS,
  });

  it(`leaves every permitted record in the replica exactly once and in order (seed ${seed})`, async () => {
    expect(await expectExactlyOnce(course())).toBeGreaterThan(RECORDS_MIN);
  }, 60_000);

  it("leaves a decision on every source offset along the chain that was committed", async () => {
    await expectCovered(course(), pair.aurora, agreement);
  }, 60_000);

  it("leaves two logs that reconcile", async () => {
    await expectReconciled(pair);
  }, 60_000);
});
