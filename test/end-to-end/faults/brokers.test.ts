import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kafka } from "../../../dev/kafka/broker.ts";
import { largeOrder, order, writeContract } from "../contract.ts";
import { Follower, numberOf } from "../follower.ts";
import { act, decisions, link } from "../operator.ts";
import { Pair } from "../pair.ts";
import { setTopic } from "../topic-settings.ts";
import { Traffic } from "./traffic.ts";

/** A broker that stands still for so long is slow, and no more: nothing of ours gives up on it. */
const SLOW_MS = 3_000;
const AWAY_MS = 1_500;

/** Kafka makes its indexes 10 MiB long, so that no file may be limited to less. */
const FILE_BYTES_MAX = 11 * 2 ** 20;
/** Records of 1 KB, more than fit into a file. */
const BULK = 24_000;
const SLICE = 500;

/** What a link says, or the gateway itself when it can't follow its registry any more. */
const UNAVAILABLE = /^(KAFKA|AUDIT)_UNAVAILABLE$/;

/** A publisher's gateway that lets go of everything hangs up, which the subscriber may see first. */
const SAID = { publisher: /^(KAFKA|AUDIT|PARTNER)_UN/, subscriber: UNAVAILABLE } as const;

const SIDES = ["publisher", "subscriber"] as const;

/** What the owner of a replica sets, and a message that it refuses from then on. */
const LIMITS = [
  {
    topic: "large",
    setting: "max.message.bytes",
    least: "20000",
    most: "8388608",
    refused: (number: number) => ({ value: largeOrder(number) }),
  },
  {
    topic: "old",
    setting: "message.timestamp.before.max.ms",
    least: "3600000",
    most: "9223372036854775807",
    refused: (number: number) => ({ value: order(number), timestamp: String(Date.now() - 86_400_000) }),
  },
] as const;

describe("A company's only broker, under load", () => {
  let pair: Pair;
  let traffic: Traffic;

  beforeAll(async () => {
    pair = await Pair.start();
    traffic = await Traffic.start(pair, { topic: "orders" });
  }, 120_000);
  afterAll(async () => {
    await traffic?.replica.stop();
    await pair?.stop();
  });

  const kafkaOf = (side: (typeof SIDES)[number]): Kafka =>
    side === "publisher" ? pair.auroraKafka : pair.helixKafka;

  it.each(SIDES)(
    "of the %s stands still for a while: the stream stands still with it, and goes on",
    async (side) => {
      const { pid } = kafkaOf(side);
      const from = pair.helix.tellings;
      process.kill(pid, "SIGSTOP");
      try {
        await sleep(SLOW_MS);
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await traffic.flows();
      const waited = pair.helix.told(({ state }) => state === "waiting", { from, patienceMs: 1 });
      await expect(waited).rejects.toThrow(/did not say it/);
    },
    60_000,
  );

  it.each(SIDES)(
    "of the %s is killed and comes back: the subscriber says so until then, and goes on",
    async (side) => {
      const from = pair.helix.tellings;
      const kafka = kafkaOf(side);
      kafka.kill();
      try {
        await pair.helix.told(({ code }) => SAID[side].test(code ?? ""), { from, patienceMs: 30_000 });
        await sleep(AWAY_MS);
      } finally {
        await kafka.restart();
      }
      await traffic.flows();
      expect([pair.aurora.running, pair.helix.running]).toEqual([true, true]);
    },
    90_000,
  );

  it("of the subscriber can write no more, as on a full disk: it dies of that, the link waits, and goes on with the space", async () => {
    const { helixKafka } = pair;
    await pair.topic("bulk");
    await pair.publish(writeContract(pair.folder, { name: "bulk", topic: "bulk" }));
    await pair.share("bulk");
    const replica = new Follower(helixKafka.bootstrap, "aurora.bulk", numberOf);
    const from = pair.helix.tellings;
    execFileSync("prlimit", ["--pid", String(helixKafka.pid), `--fsize=${FILE_BYTES_MAX}`]);
    const isAway = pair.helix.told(({ code }) => UNAVAILABLE.test(code ?? ""), { from, patienceMs: 40_000 });
    for (let at = 0; at < BULK; at += SLICE) {
      const messages = Array.from({ length: SLICE }, (_, one) => ({ value: order(at + one) }));
      await pair.producer.send({ topic: "bulk", messages });
    }
    await isAway;
    expect(readFileSync(helixKafka.logFile, "utf8")).toMatch(/File too large/);
    // A new process, which has no limit.
    await helixKafka.restart();
    await replica.until(({ length }) => length === BULK, 60_000);
    expect(replica.entries).toEqual(Array.from({ length: BULK }, (_, at) => at));
    await replica.stop();
    await traffic.flows();
  }, 120_000);

  it("costs no record and doubles none", async () => {
    expect(await traffic.differences()).toEqual([]);
  }, 60_000);

  it("deletes records below the cursor: that partition halts with SOURCE_TRUNCATED, and the others go on", async () => {
    const topic = "parted";
    await pair.topic(topic, 3);
    await pair.publish(writeContract(pair.folder, { name: topic, topic }));
    const agreement = await pair.share(topic);
    const replica = new Follower(pair.helixKafka.bootstrap, `aurora.${topic}`, numberOf);
    const write = (from: number) =>
      pair.producer.send({
        topic,
        messages: [0, 1, 2].map((partition) => ({ partition, value: order(from + partition) })),
      });
    await write(0);
    await replica.until(({ length }) => length === 3);
    await act(pair.aurora, agreement, "suspend");
    await pair.helix.told((line) => line.agreement === agreement && line.code === "suspended");
    for (const from of [3, 6, 9]) await write(from);
    // Its client knows no leader of a topic that it was never asked about.
    await pair.admin.fetchTopicMetadata({ topics: [topic] });
    await pair.admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: "3" }] });
    await act(pair.aurora, agreement, "resume");
    await replica.until(({ length }) => length === 9, 30_000);
    await write(12);
    await replica.until(({ length }) => length === 11, 30_000);
    expect(replica.entries.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14]);
    const { state, halted } = await link(pair.helix, agreement);
    expect({ state, halted }).toMatchObject({
      state: "running",
      halted: [{ partition: 1, code: "SOURCE_TRUNCATED" }],
    });
    await replica.stop();
  }, 60_000);

  it.each(LIMITS)(
    "takes no more what is against $setting of a replica: the partition halts, the others go on, and with the limit gone it has every record once, in order",
    async ({ topic, setting, least, most, refused }) => {
      await pair.topic(topic, 3);
      await pair.publish(writeContract(pair.folder, { name: topic, topic }));
      const agreement = await pair.share(topic);
      const { bootstrap } = pair.helixKafka;
      const replica = new Follower(bootstrap, `aurora.${topic}`, (record, partition) => {
        return [partition, numberOf(record)] as const;
      });
      const numbersOf = (wanted: number) =>
        replica.entries.flatMap(([partition, number]) => (partition === wanted ? [number] : []));
      const write = (from: number, second = { value: order(from + 1) }) =>
        pair.producer.send({
          topic,
          messages: [
            { partition: 0, value: order(from) },
            { partition: 1, ...second },
            { partition: 2, value: order(from + 2) },
          ],
        });
      await write(0);
      await replica.until(({ length }) => length === 3);
      await setTopic(bootstrap, replica.topic, setting, least);
      await write(3, refused(4));
      await write(6);
      await replica.until(({ length }) => length === 7, 30_000);
      expect([0, 1, 2].map(numbersOf)).toEqual([[0, 3, 6], [1], [2, 5, 8]]);
      await expect
        .poll(async () => await link(pair.helix, agreement), { timeout: 10_000 })
        .toMatchObject({
          state: "running",
          halted: [{ partition: 1, code: "KAFKA_REFUSED", side: "subscriber" }],
        });
      await setTopic(bootstrap, replica.topic, setting, most);
      await act(pair.helix, agreement, "resume");
      await replica.until(({ length }) => length === 9, 30_000);
      expect([0, 1, 2].map(numbersOf)).toEqual([
        [0, 3, 6],
        [1, 4, 7],
        [2, 5, 8],
      ]);
      const halts = (await decisions(pair.helix, { agreement })).filter(
        (decision) => decision.kind === "act" && decision.act === "link.halted",
      );
      expect(halts[0]).toMatchObject({ partition: 1, code: "KAFKA_REFUSED" });
      await replica.stop();
    },
    60_000,
  );
});
