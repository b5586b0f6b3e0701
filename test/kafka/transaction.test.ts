import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TopicMetadata } from "../../src/kafka/cluster.ts";
import type { BrokerConnection } from "../../src/kafka/connection.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { TransactionalProducer } from "../../src/kafka/transaction.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, valuesOf } from "./lab.ts";
import { type Tap, TappedCluster } from "./tapped-cluster.ts";

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

const forever = new AbortController().signal;
const PRODUCE = 0;

/** The second partition seems to be led by another broker, which is the same one over another connection. */
class SeeminglyTwoBrokers extends TappedCluster {
  #real = -1;

  override async topic(name: string): Promise<TopicMetadata | undefined> {
    const topic = await super.topic(name);
    if (topic === undefined) return undefined;
    this.#real = topic.leaders[0]?.leader ?? -1;
    const leaders = topic.leaders.map((row) => (row.partition === 1 ? { ...row, leader: 4711 } : row));
    return { ...topic, leaders };
  }

  override async broker(id: number, use: string): Promise<BrokerConnection> {
    return await super.broker(id === 4711 ? this.#real : id, `${use} ${id}`);
  }
}

const batchOf = (value: string): Buffer =>
  Buffer.from(
    recordCodec.encode([{ timestamp: TIMESTAMP, key: null, value: Buffer.from(value), headers: [] }]),
  );

describe("a transaction over two brokers", () => {
  it.each([
    ["v1", 2],
    ["v2", 1],
  ] as const)("of %s begins with %i requests at a time", async (dialect, together) => {
    const name = await lab.topic(2);
    let inFlight = 0;
    let most = 0;
    let answered = 0;
    let mostOfFirst = 0;
    const tap: Tap = async (api, send) => {
      if (api.key !== PRODUCE) return await send();
      inFlight += 1;
      most = Math.max(most, inFlight);
      // The first waits for whoever is sent beside it; where nobody may be, it gives them time.
      for (let turns = 0; turns < 500 && answered === 0 && most < together; turns += 1) await sleep(10);
      if (answered < 2) await sleep(20);
      const answer = await send();
      inFlight -= 1;
      answered += 1;
      // Before the first answer nothing is tried again; where one waits for the other, the second is looked at as well.
      if (answered === (together === 1 ? 2 : 1)) mostOfFirst = most;
      return answer;
    };
    const cluster = new SeeminglyTwoBrokers(lab.settings, tap);
    const topic = await cluster.topic(name);
    if (topic === undefined) throw new Error("the topic was made");
    const producer = await TransactionalProducer.open(cluster, topic, topicName("id"), dialect, forever);
    const writes = ["a", "b", "c"].flatMap((value) =>
      [0, 1].map((partition) => ({ partition, batch: batchOf(value) })),
    );
    await producer.write(writes);
    await producer.end();
    cluster.close();
    expect(mostOfFirst).toBe(together);
    for (const partition of [0, 1])
      expect((await readToEnd(lab.settings, name, { partition })).flatMap(valuesOf)).toEqual(["a", "b", "c"]);
  });
});
