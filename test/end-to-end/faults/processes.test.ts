import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Company } from "../../../dev/company/company.ts";
import type { FaultProxy } from "../../support/fault-proxy.ts";
import { writeContract } from "../contract.ts";
import { expectCovered, expectExactlyOnce, expectReconciled, recordOf } from "../exactness.ts";
import { Follower } from "../follower.ts";
import { Load } from "../load.ts";
import type { Pair } from "../pair.ts";
import { printedSeed, seeded } from "../seeded.ts";
import {
  type Arrival,
  alternating,
  arrivalOf,
  flows,
  hung,
  lastCome,
  longestPauseMs,
  processOf,
  STALL_MS_MAX,
  shareAmong,
  sharesOf,
} from "./processes.ts";
import { proxiedPair } from "./proxied-pair.ts";

const TOPIC = "orders";
const REPLICA = `aurora.${TOPIC}`;
const PARTITIONS = 6;
const PER_SECOND = 600;

describe("Three processes of one gateway that share a link, under load, with two of the publisher behind one address", () => {
  const seed = printedSeed("processes");
  let pair: Pair;
  let proxy: FaultProxy;
  let agreement = "";
  let replica: Follower<Arrival>;
  let publishers: readonly Company[] = [];
  let subscribers: readonly Company[] = [];
  let endTurns = (): void => undefined;
  const held: Record<string, readonly number[]> = {};

  /** Notes how many partitions each has, once all partitions are had by these. */
  const settle = async (name: string, running: readonly Company[]): Promise<void> => {
    held[name] = await sharesOf(running, agreement, PARTITIONS);
    await flows(replica, PARTITIONS);
  };

  beforeAll(async () => {
    ({ pair, proxy } = await proxiedPair(seeded(seed)));
    const { aurora, helix } = pair;
    await pair.topic(TOPIC, PARTITIONS);
    await pair.publish(writeContract(pair.folder, { name: TOPIC, topic: TOPIC }));
    await helix.stop();
    const others = ["second", "third"].map(async (name) => await processOf(helix, pair.folder, name));
    publishers = [aurora, await processOf(aurora, pair.folder, "aurora-2")];
    subscribers = [helix, ...(await Promise.all(others))];
    for (const company of subscribers) shareAmong(company, subscribers.length);
    await helix.serve();
    agreement = await pair.share(TOPIC);
    replica = new Follower(pair.helixKafka.bootstrap, REPLICA, arrivalOf);
    const load = new Load(pair.producer, TOPIC, PER_SECOND, (number) => ({
      partition: number % PARTITIONS,
      key: `k${number % 100}`,
      value: recordOf(number),
    }));
    await flows(replica, PARTITIONS);
    await settle("one", [helix]);
    const [second, third] = subscribers.slice(1) as [Company, Company];
    await Promise.all([publishers[1], second, third].map(async (company) => await company?.serve()));
    endTurns = alternating(proxy, publishers);
    await settle("three", subscribers);
    // The one that came first shares out.
    await helix.kill();
    await flows(replica, PARTITIONS);
    await settle("two", [second, third]);
    await helix.serve();
    await settle("three again", subscribers);
    await hung(third, async () => await settle("two of three", [helix, second]));
    await settle("three at last", subscribers);
    await second.kill();
    await flows(replica, PARTITIONS);
    await third.stop();
    await settle("one again", [helix]);
    await load.stop();
    await lastCome(replica, pair, TOPIC, PARTITIONS);
    await replica.stop();
  }, 240_000);
  afterAll(async () => {
    endTurns();
    await Promise.all([...publishers, ...subscribers].map((company) => company.stop()));
    await pair?.stop();
    await proxy?.stop();
  });

  const course = () => ({
    from: [pair.auroraKafka.bootstrap, TOPIC] as const,
    to: [pair.helixKafka.bootstrap, REPLICA] as const,
    partitions: PARTITIONS,
  });

  it("have an even share each, however many there are", () => {
    expect(held).toEqual({
      one: [6],
      three: [2, 2, 2],
      two: [3, 3],
      "three again": [2, 2, 2],
      "two of three": [3, 3],
      "three at last": [2, 2, 2],
      "one again": [6],
    });
  });

  it(`bring every permitted record once and in order, whichever is killed or hangs (seed ${seed})`, async () => {
    expect(await expectExactlyOnce(course())).toBeGreaterThan(PER_SECOND * 10);
  }, 60_000);

  it("never let a partition stand still for 10 s", () => {
    expect(longestPauseMs(replica, PARTITIONS)).toBeLessThan(STALL_MS_MAX);
  });

  it("leave a decision on every source offset, and two logs that reconcile", async () => {
    await expectCovered(course(), pair.aurora, agreement);
    await expectReconciled(pair);
  }, 60_000);
});
