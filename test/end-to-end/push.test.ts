import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GuardedKafka } from "../kafka/guarded-kafka.ts";
import { largeOrder, order, writeContract } from "./contract.ts";
import { expectCovered, expectExactlyOnce, recordOf } from "./exactness.ts";
import { Follower, numberOf, readWhole } from "./follower.ts";
import { Load } from "./load.ts";
import { act, decisions, link, rows } from "./operator.ts";
import { Pair } from "./pair.ts";
import { applyPartner, requestPush, rightsFor } from "./pushed.ts";
import { printedSeed, seeded } from "./seeded.ts";
import { setTopic } from "./topic-settings.ts";

const TOPIC = "orders";
const PUSHED = `aurora.${TOPIC}`;
const PARTITIONS = 4;
const PER_SECOND = 1_000;
const RECORDS = 20_000;
const KILLS = 5;
/** A gateway lives at most this long after it was seen to carry records. */
const LIFE_MS_MAX = 1_500;
/** The last record of each partition, so that the end is seen to have come. */
const LAST = 1_000_000_000;

describe("A gateway that pushes into a guarded Kafka and is killed again and again, under load", () => {
  const seed = printedSeed("push");
  const random = seeded(seed);
  let guarded: GuardedKafka;
  let pair: Pair;
  let agreement = "";

  beforeAll(async () => {
    guarded = await GuardedKafka.start();
    pair = await Pair.start({ helixKafka: guarded.kafka });
    await pair.topic(TOPIC, PARTITIONS);
    await pair.publish(writeContract(pair.folder, { name: TOPIC, topic: TOPIC }));
    await applyPartner(pair, guarded);
    agreement = await requestPush(pair, TOPIC);
    await guarded.grant("User:aurora", rightsFor(agreement));
    await act(pair.aurora, agreement, "approve");
    const replica = new Follower(pair.helixKafka.bootstrap, PUSHED, (record) => record.offset);
    const load = new Load(pair.producer, TOPIC, PER_SECOND, (number) => ({
      partition: number % PARTITIONS,
      key: `k${number % 100}`,
      value: recordOf(number),
    }));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = replica.entries.length;
      await replica.until(({ length }) => length > before, 60_000);
      await sleep(random() * LIFE_MS_MAX);
      await pair.aurora.kill();
      await pair.aurora.serve();
    }
    while (load.count < RECORDS) await sleep(50);
    await load.stop();
    const last = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      value: order(LAST + partition),
    }));
    await pair.producer.send({ topic: TOPIC, messages: last });
    await replica.stop();
    const ends = new Follower(pair.helixKafka.bootstrap, PUSHED, numberOf);
    await ends.until((numbers) => numbers.filter((number) => number >= LAST).length >= PARTITIONS, 60_000);
    await ends.stop();
  }, 240_000);
  afterAll(async () => {
    await pair?.stop();
    await guarded?.stop();
  });

  const course = () => ({
    from: [pair.auroraKafka.bootstrap, TOPIC] as const,
    to: [pair.helixKafka.bootstrap, PUSHED] as const,
    partitions: PARTITIONS,
  });

  it(`leaves every permitted record there exactly once and in order (seed ${seed})`, async () => {
    expect(await expectExactlyOnce(course())).toBeGreaterThanOrEqual(RECORDS);
  }, 60_000);

  it("leaves a decision on every source offset along the chain that was committed", async () => {
    await expectCovered(course(), pair.aurora, agreement);
  }, 60_000);

  it("is shown as a push on both sides, and its promise with it", async () => {
    expect(await link(pair.aurora, agreement)).toMatchObject({
      side: "publisher",
      state: "pushing",
      delivery: "exactly-once",
    });
    expect(await link(pair.helix, agreement)).toMatchObject({ side: "subscriber", state: "pushed" });
    expect(await rows(pair.helix, "agreements")).toMatchObject([{ status: "approved", delivery: "push" }]);
  });

  it("leaves a partition alone whose batch is too large for the partner's topic, until it takes it", async () => {
    const { bootstrap } = pair.helixKafka;
    const replica = new Follower(bootstrap, PUSHED, numberOf);
    const first = LAST * 3;
    const came = (count: number) =>
      replica.until((numbers) => numbers.filter((number) => number >= first).length === count);
    await setTopic(bootstrap, PUSHED, "max.message.bytes", "20000");
    const messages = Array.from({ length: PARTITIONS }, (_, partition) => {
      const number = first + partition;
      return { partition, value: partition === 1 ? largeOrder(number) : order(number) };
    });
    await pair.producer.send({ topic: TOPIC, messages });
    await came(PARTITIONS - 1);
    await expect
      .poll(async () => await link(pair.aurora, agreement), { timeout: 10_000 })
      .toMatchObject({
        state: "pushing",
        halted: [{ partition: 1, code: "TARGET_TOPIC", side: "subscriber" }],
      });
    await setTopic(bootstrap, PUSHED, "max.message.bytes", "8388608");
    await act(pair.aurora, agreement, "resume");
    await came(PARTITIONS);
    await replica.stop();
  }, 60_000);

  it("ends with the agreement: what comes later does not leave", async () => {
    const stopped = pair.aurora.told(({ state, code }) => state === "stopped" && code === "revoked");
    await act(pair.aurora, agreement, "revoke", "over");
    await stopped;
    const count = async () => (await readWhole(pair.helixKafka.bootstrap, PUSHED, () => 1)).length;
    const before = await count();
    await pair.producer.send({ topic: TOPIC, messages: [{ partition: 0, value: order(LAST * 2) }] });
    await sleep(1_000);
    expect(await count()).toBe(before);
    expect(await decisions(pair.aurora, { agreement, kind: "act" })).toContainEqual(
      expect.objectContaining({ act: "link.ended", code: "AGREEMENT_NOT_IN_FORCE" }),
    );
  });
});
