import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kafka } from "../../../dev/kafka/broker.ts";
import { type KafkaCluster, startCluster } from "../../../dev/kafka/cluster.ts";
import { order, writeContract } from "../contract.ts";
import { Follower, numberOf } from "../follower.ts";
import { link } from "../operator.ts";
import { Pair } from "../pair.ts";
import { Traffic } from "./traffic.ts";

/** Two seconds until the dead broker is given up, the election, and what a busy machine takes. */
const FLOWS_AGAIN_MS = 30_000;

describe("Three brokers that hold everything three times, and both companies on them", () => {
  let cluster: KafkaCluster;
  let pair: Pair;
  let traffic: Traffic;

  beforeAll(async () => {
    cluster = await startCluster();
    const kafka: Kafka = { ...nodeOf(1), bootstrap: cluster.bootstrap, stop: () => cluster.stop() };
    pair = await Pair.start({ auroraKafka: kafka, helixKafka: kafka });
    traffic = await Traffic.start(pair, { topic: "orders", partitions: 3 });
  }, 120_000);
  afterAll(async () => {
    await traffic?.replica.stop();
    await (pair ?? cluster)?.stop();
  });

  const nodeOf = (id: number): Kafka => {
    const node = cluster.nodes.get(id);
    if (node === undefined) throw new Error(`There is no node ${id}.`);
    return node;
  };

  it.each([
    ["the audit topics", "_tiermesh.audit"],
    ["the replica", "aurora.orders"],
  ])(
    "go on without the leader of %s, killed under load",
    async (what, topic) => {
      const leader = await leaderOf(pair.admin, topic, 0);
      nodeOf(leader).kill();
      const ms = await traffic.flows(FLOWS_AGAIN_MS);
      process.stderr.write(`leader of ${what} killed: every partition had a new record after ${ms} ms\n`);
      await nodeOf(leader).restart();
      await traffic.flows();
    },
    90_000,
  );

  it("have lost and doubled nothing by that", async () => {
    expect(await traffic.differences()).toEqual([]);
  }, 60_000);

  it("stop a link with SOURCE_TRUNCATED after an unclean election, and no record is skipped", async () => {
    const topic = "unclean";
    const configEntries = [
      { name: "min.insync.replicas", value: "1" },
      { name: "unclean.leader.election.enable", value: "true" },
    ];
    // The coordinators and the other topics keep two nodes of three at every moment.
    const replicaAssignment = [{ partition: 0, replicas: [1, 2] }];
    await pair.admin.createTopics({
      topics: [{ topic, replicaAssignment, configEntries }],
      waitForLeaders: true,
    });
    await pair.publish(writeContract(pair.folder, { name: topic, topic }));
    const agreement = await pair.share(topic);
    const replica = new Follower(cluster.bootstrap, `aurora.${topic}`, numberOf);
    const write = (...numbers: readonly number[]) =>
      pair.producer.send({ topic, messages: numbers.map((number) => ({ value: order(number) })) });
    await write(1, 2);
    await replica.until(({ length }) => length === 2);
    nodeOf(2).kill();
    await write(3, 4, 5);
    await replica.until(({ length }) => length === 5);
    nodeOf(1).kill();
    await nodeOf(2).restart();
    await becomes(pair.admin, topic, 2);
    await write(6, 7, 8, 9, 10);
    await pair.helix.told((line) => line.agreement === agreement && line.code === "SOURCE_TRUNCATED", {
      patienceMs: 40_000,
    });
    await sleep(500);
    expect(await link(pair.helix, agreement)).toMatchObject({ state: "stopped", code: "SOURCE_TRUNCATED" });
    expect(replica.entries).toEqual([1, 2, 3, 4, 5]);
    await replica.stop();
  }, 120_000);
});

async function leaderOf(admin: Admin, topic: string, partition: number): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.find((row) => row.partitionId === partition)?.leader ?? -1;
}

/** Waits until a node leads the topic's only partition. */
async function becomes(admin: Admin, topic: string, leader: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await leaderOf(admin, topic, 0).catch(() => -1)) === leader) return;
    await sleep(100);
  }
  throw new Error(`Node ${leader} does not become the leader of ${topic}.`);
}
