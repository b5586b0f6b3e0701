import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Company } from "../../../dev/company/company.ts";
import { transactionalIds } from "../../../src/kafka/transactional-ids.ts";
import { GuardedKafka } from "../../kafka/guarded-kafka.ts";
import { writeContract } from "../contract.ts";
import { expectCovered, expectExactlyOnce, recordOf } from "../exactness.ts";
import { Follower } from "../follower.ts";
import { Load } from "../load.ts";
import { act } from "../operator.ts";
import { Pair } from "../pair.ts";
import { applyPartner, requestPush, rightsFor } from "../pushed.ts";
import { printedSeed, seeded } from "../seeded.ts";
import {
  type Arrival,
  arrivalOf,
  flows,
  killWithin,
  lastCome,
  longestPauseMs,
  processOf,
  STALL_MS_MAX,
  shareAmong,
  sharesOf,
} from "./processes.ts";

const TOPIC = "orders";
const PUSHED = `aurora.${TOPIC}`;
const PARTITIONS = 6;
const PER_SECOND = 600;

describe("Three processes of one gateway that share a push into a guarded Kafka, under load", () => {
  const seed = printedSeed("push-processes");
  const random = seeded(seed);
  let guarded: GuardedKafka;
  let pair: Pair;
  let agreement = "";
  let replica: Follower<Arrival>;
  let processes: readonly Company[] = [];
  const held: Record<string, readonly number[]> = {};

  /** Notes how many partitions each has, once all partitions are had by these. */
  const settle = async (name: string, running: readonly Company[]): Promise<void> => {
    held[name] = await sharesOf(running, agreement, PARTITIONS);
    await flows(replica, PARTITIONS);
  };

  beforeAll(async () => {
    guarded = await GuardedKafka.start();
    pair = await Pair.start({ helixKafka: guarded.kafka });
    const { aurora } = pair;
    await pair.topic(TOPIC, PARTITIONS);
    await pair.publish(writeContract(pair.folder, { name: TOPIC, topic: TOPIC }));
    await applyPartner(pair, guarded);
    await aurora.stop();
    const others = ["second", "third"].map(async (name) => await processOf(aurora, pair.folder, name));
    const [second, third] = (await Promise.all(others)) as [Company, Company];
    processes = [aurora, second, third];
    for (const company of processes) shareAmong(company, processes.length);
    await aurora.serve();
    agreement = await requestPush(pair, TOPIC);
    await guarded.grant("User:aurora", rightsFor(agreement));
    await act(aurora, agreement, "approve");
    replica = new Follower(pair.helixKafka.bootstrap, PUSHED, arrivalOf);
    const load = new Load(pair.producer, TOPIC, PER_SECOND, (number) => ({
      partition: number % PARTITIONS,
      key: `k${number % 100}`,
      value: recordOf(number),
    }));
    await flows(replica, PARTITIONS);
    await settle("one", [aurora]);
    await Promise.all([second.serve(), third.serve()]);
    await settle("three", processes);
    // The one that came first shares out, and keeps the slot and the ids that it had alone.
    await killWithin(aurora, guarded.kafka.bootstrap, transactionalIds(`tiermesh.${agreement}`, 0), random);
    await flows(replica, PARTITIONS);
    await settle("two", [second, third]);
    await third.stop();
    await settle("one again", [second]);
    await load.stop();
    await lastCome(replica, pair, TOPIC, PARTITIONS);
    await replica.stop();
  }, 180_000);
  afterAll(async () => {
    await Promise.all(processes.map((company) => company.stop()));
    await pair?.stop();
    await guarded?.stop();
  });

  const course = () => ({
    from: [pair.auroraKafka.bootstrap, TOPIC] as const,
    to: [pair.helixKafka.bootstrap, PUSHED] as const,
    partitions: PARTITIONS,
  });

  it("have an even share each, however many there are", () => {
    expect(held).toEqual({ one: [6], three: [2, 2, 2], two: [3, 3], "one again": [6] });
  });

  it(`leave every permitted record there exactly once and in order (seed ${seed})`, async () => {
    expect(await expectExactlyOnce(course())).toBeGreaterThan(PER_SECOND * 10);
  }, 60_000);

  it("never let a partition stand still for 10 s", () => {
    const pauseMs = longestPauseMs(replica, PARTITIONS);
    process.stderr.write(`push-processes: the longest pause between commits was ${Math.round(pauseMs)} ms\n`);
    expect(pauseMs).toBeLessThan(STALL_MS_MAX);
  });

  it("never fence each other", async () => {
    for (const company of processes) {
      const fenced = company.told(({ code }) => code === "LINK_FENCED", { patienceMs: 1 });
      await expect(fenced).rejects.toThrow(/did not say it/);
    }
  });

  it("leave a decision on every source offset along the chain that was committed", async () => {
    await expectCovered(course(), processes[1] as Company, agreement);
  }, 60_000);
});
