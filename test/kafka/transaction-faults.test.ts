import { describeProducersV0, describeTransactionsV0 } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Kafka, startKafka } from "../../dev/kafka/broker.ts";
import { BrokerFault } from "../../src/kafka/fault.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { KafkaReplicaWriter } from "../../src/kafka/replica-writer.ts";
import { TransactionalProducer } from "../../src/kafka/transaction.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { ReplicaLink, ReplicaWrite, ReplicaWriter } from "../../src/kernel/ports.ts";
import { topicName } from "../support/kafka.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, valuesOf } from "./lab.ts";
import { libraryRequest } from "./library-request.ts";
import { type Tap, TappedCluster } from "./tapped-cluster.ts";

const TIMEOUT_MS = 120_000;
const END_TXN = 26;
const forever = new AbortController().signal;

/** A broker that forgets soon whom it has not heard of. */
let kafka: Kafka;
let lab: Lab;
beforeAll(async () => {
  kafka = await startKafka({
    settings: {
      "transactional.id.expiration.ms": "6000",
      "transaction.remove.expired.transaction.cleanup.interval.ms": "300",
      "producer.id.expiration.ms": "1000",
      "producer.id.expiration.check.interval.ms": "200",
    },
  });
  lab = new Lab(plainSettings(kafka.bootstrap));
});
afterAll(async () => {
  lab.close();
  await kafka.stop();
});

function linkOf(): ReplicaLink {
  const topic = topicName("replica");
  return { topic, partitions: 1, group: topic, transactionalId: topic, topicConfig: {} };
}

const write = (sequence: bigint, value: string): ReplicaWrite => ({
  partition: 0,
  batch: recordCodec.encode([{ timestamp: TIMESTAMP, key: null, value: Buffer.from(value), headers: [] }]),
  count: 1,
  cursor: { partition: 0, sequence, metadata: "" },
});

const committed = async (topic: string): Promise<readonly unknown[]> =>
  (await readToEnd(lab.settings, topic)).flatMap(valuesOf);

/** Opens as a link's supervisor does: again after every passing failure. */
async function openAgain(link: ReplicaLink): Promise<ReplicaWriter> {
  for (;;) {
    try {
      return await kafkaReplicaSink(lab.settings).open(link, forever);
    } catch (error) {
      if (!(error instanceof MeshError) || error.row.retry !== "backoff") throw error;
    }
  }
}

describe.each(["v1", "v2"] as const)("a producer id that a partition has forgotten, %s", (dialect) => {
  it(
    "writes on: nothing is taken for a repetition, nothing is refused",
    async () => {
      const link = linkOf();
      const writer = await kafkaReplicaSink(lab.settings, { dialect, ids: 1 }).open(link, forever);
      await writer.commit([write(1n, "a")]);
      await writer.commit([write(2n, "b")]);
      const { leader } = (await lab.cluster.topic(link.topic))?.leaders[0] ?? { leader: -1 };
      const connection = await lab.cluster.broker(leader, "lab");
      const asked = [{ name: link.topic, partitionIndexes: [0] }];
      await expect
        .poll(
          async () => {
            const { topics } = await connection.call("look", libraryRequest(describeProducersV0.api), asked);
            return topics[0]?.partitions[0]?.activeProducers.length;
          },
          { timeout: 20_000, interval: 200 },
        )
        .toBe(0);
      await writer.commit([write(3n, "c")]);
      await writer.commit([write(4n, "d")]);
      await writer.close();
      expect(await committed(link.topic)).toEqual(["a", "b", "c", "d"]);
    },
    TIMEOUT_MS,
  );
});

describe("a transactional id that has expired", () => {
  it(
    "ends the writer by name; the next one takes the id again and goes on at the cursor",
    async () => {
      const link = linkOf();
      const writer = await kafkaReplicaSink(lab.settings).open(link, forever);
      for (const n of [1n, 2n, 3n, 4n]) await writer.commit([write(n, `v${n}`)]);
      await expect
        .poll(
          async () => {
            const coordinator = await lab.cluster.coordinator("transaction", link.transactionalId);
            return await coordinator
              .call("look", libraryRequest(describeTransactionsV0.api), [link.transactionalId])
              .catch((error: unknown) => error instanceof BrokerFault && error.fault);
          },
          { timeout: 40_000, interval: 500 },
        )
        .toBe("TRANSACTIONAL_ID_NOT_FOUND");
      await expect(writer.commit([write(5n, "lost")])).rejects.toEqual(
        expect.objectContaining({ code: "LINK_FENCED", context: { fault: "INVALID_PRODUCER_ID_MAPPING" } }),
      );
      await writer.close();
      const next = await openAgain(link);
      expect(next.cursors.get(0)?.sequence).toBe(4n);
      await next.commit([write(5n, "v5")]);
      await next.close();
      expect(await committed(link.topic)).toEqual(["v1", "v2", "v3", "v4", "v5"]);
    },
    TIMEOUT_MS,
  );
});

describe("a broker that is killed between the records of a transaction and its end", () => {
  it(
    "leaves it whole or not at all, and the cursor says which",
    async () => {
      const link = linkOf();
      await (await kafkaReplicaSink(lab.settings).open(link, forever)).close();
      let ends = 0;
      const tap: Tap = async (api, send) => {
        if (api.key === END_TXN) ends += 1;
        if (api.key === END_TXN && ends === 2) {
          kafka.kill();
          await kafka.restart();
        }
        return await send();
      };
      const cluster = new TappedCluster(lab.settings, tap);
      const topic = await cluster.topic(link.topic);
      if (topic === undefined) throw new Error("the topic was made");
      const id = link.transactionalId;
      const producer = await TransactionalProducer.open(cluster, topic, id, "v2", forever);
      const writer = new KafkaReplicaWriter(cluster, link, [producer], new Map(), new Set());
      await writer.commit([write(1n, "a")]);
      const outcome = await writer.commit([write(2n, "b")]).then(
        () => "committed",
        (error: unknown) => error,
      );
      await writer.close();
      const next = await openAgain(link);
      const cursor = next.cursors.get(0)?.sequence;
      if (outcome === "committed") expect(cursor).toBe(2n);
      else
        expect(outcome).toEqual(expect.objectContaining({ code: expect.stringMatching(/^(KAFKA_|LINK_)/u) }));
      await next.commit([write(3n, "c")]);
      await next.close();
      expect(await committed(link.topic)).toEqual(cursor === 2n ? ["a", "b", "c"] : ["a", "c"]);
    },
    TIMEOUT_MS,
  );
});
