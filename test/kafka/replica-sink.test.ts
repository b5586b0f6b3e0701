import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { TransactionalProducer } from "../../src/kafka/transaction.ts";
import type { ReplicaLink, ReplicaWrite } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { consoleConsumer } from "./console-consumer.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings, readToEnd, valuesOf } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(plainSettings(await sharedKafka()));
});
afterAll(() => lab.close());

const forever = new AbortController().signal;
const record = (value: string): OutboundRecord => ({
  timestamp: TIMESTAMP,
  key: null,
  value: Buffer.from(value),
  headers: [],
});
const batchOf = (...values: string[]): Buffer => Buffer.from(recordCodec.encode(values.map(record)));
const write = (partition: number, sequence: bigint, ...values: string[]): ReplicaWrite => ({
  partition,
  batch: batchOf(...values),
  count: values.length,
  cursor: { partition, sequence, metadata: "" },
});

function linkOf(partitions: number, topicConfig: Readonly<Record<string, string>> = {}): ReplicaLink {
  const topic = topicName("replica");
  return {
    topic,
    partitions,
    group: `tiermesh.${topic}`,
    transactionalId: `tiermesh.${topic}`,
    topicConfig: { "retention.ms": "-1", ...topicConfig },
  };
}

const committed = async (topic: string, partition = 0): Promise<readonly unknown[]> =>
  (await readToEnd(lab.settings, topic, { partition })).flatMap(valuesOf);

describe("a replica topic", () => {
  it("is made with the link's configuration", async () => {
    const link = linkOf(2, { "retention.ms": "7200000", "max.message.bytes": "2000000" });
    await (await kafkaReplicaSink(lab.settings).open(link, forever)).close();
    const admin = lab.kafkajs.admin();
    await admin.connect();
    const resources = [{ type: 2, name: link.topic, configNames: ["retention.ms", "max.message.bytes"] }];
    const { resources: found } = await admin.describeConfigs({ includeSynonyms: false, resources });
    await admin.disconnect();
    const values = found[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]);
    expect(values?.sort()).toEqual([
      ["max.message.bytes", "2000000"],
      ["retention.ms", "7200000"],
    ]);
  });

  it("is read by Kafka's own consumer as it was written, two transactions and two partitions", async () => {
    const link = linkOf(2);
    const writer = await kafkaReplicaSink(lab.settings).open(link, forever);
    const rich: OutboundRecord = {
      timestamp: TIMESTAMP,
      key: Buffer.from("key"),
      value: Buffer.from("rich"),
      headers: [
        ["ce_id", Buffer.from("1")],
        ["none", null],
        ["ce_id", Buffer.from("2")],
      ],
    };
    const richBatch = recordCodec.encode([rich]);
    await writer.commit([write(0, 2n, "a", "b"), { ...write(1, 1n, ""), batch: richBatch }]);
    await writer.commit([write(0, 3n, "c")]);
    await writer.close();
    const lines = await consoleConsumer(lab.settings.brokers[0] ?? "", link.topic, 4);
    expect(lines.filter((line) => line.startsWith("Partition:0"))).toEqual(
      ["a", "b", "c"].map((value) => `Partition:0\tNO_HEADERS\tnull\t${value}`),
    );
    expect(lines.filter((line) => line.startsWith("Partition:1"))).toEqual([
      "Partition:1\tce_id:1,none:null,ce_id:2\tkey\trich",
    ]);
  });

  it("holds 200 small transactions in order, and nothing twice", async () => {
    const link = linkOf(3);
    const writer = await kafkaReplicaSink(lab.settings).open(link, forever);
    for (let n = 0; n < 200; n += 1) {
      await writer.commit([0, 1, 2].map((partition) => write(partition, BigInt(n + 1), `v${n}`)));
    }
    await writer.close();
    const expected = Array.from({ length: 200 }, (_, n) => `v${n}`);
    for (const partition of [0, 1, 2]) expect(await committed(link.topic, partition)).toEqual(expected);
  });
});

describe("a writer that was killed between its records and the end of the transaction", () => {
  it("leaves nothing behind: the next one finds the cursor before, and a reader sees only what was committed", async () => {
    const link = linkOf(1);
    const sink = kafkaReplicaSink(lab.settings);
    const first = await sink.open(link, forever);
    await first.commit([write(0, 1n, "a")]);
    await first.close();
    await lab.abandon(link.transactionalId, link.topic, 0, batchOf("lost"));
    const second = await sink.open(link, forever);
    expect(second.cursors.get(0)?.sequence).toBe(1n);
    await second.commit([write(0, 2n, "b")]);
    await second.close();
    expect(await committed(link.topic)).toEqual(["a", "b"]);
  });

  it("in its very first transaction, leaves the partition empty", async () => {
    const link = linkOf(2);
    const sink = kafkaReplicaSink(lab.settings);
    await (await sink.open(link, forever)).close();
    await lab.abandon(link.transactionalId, link.topic, 1, batchOf("lost"));
    const writer = await sink.open(link, forever);
    expect(writer.cursors).toEqual(new Map());
    expect(writer.empty).toEqual(new Set([0, 1]));
    await writer.close();
  });
});

describe("a partition without a cursor whose records were deleted", () => {
  it("is not empty, because it held something", async () => {
    const link = linkOf(1);
    const sink = kafkaReplicaSink(lab.settings);
    const writer = await sink.open(link, forever);
    await writer.commit([write(0, 1n, "a")]);
    await writer.close();
    await lab.deleteRecords(link.topic, 0, 2n);
    const next = await sink.open({ ...link, group: `${link.group}.other` }, forever);
    expect(next.empty).toEqual(new Set());
    await next.close();
  });
});

describe("a commit that the broker refuses", () => {
  it("stores nothing of the transaction, names the error and ends the writer", async () => {
    const link = linkOf(2, { "max.message.bytes": "1000" });
    const sink = kafkaReplicaSink(lab.settings);
    const writer = await sink.open(link, forever);
    const noise = Array.from({ length: 4_000 }, () => Math.floor(Math.random() * 36).toString(36)).join("");
    const refused = expect.objectContaining({
      code: "KAFKA_REFUSED",
      context: { fault: "MESSAGE_TOO_LARGE" },
    });
    await expect(writer.commit([write(0, 1n, "small"), write(1, 1n, noise)])).rejects.toEqual(refused);
    await expect(writer.commit([write(0, 1n, "small")])).rejects.toEqual(refused);
    await writer.close();
    const next = await sink.open(link, forever);
    expect(next.cursors).toEqual(new Map());
    expect(next.empty).toEqual(new Set([0, 1]));
    await next.close();
  });

  it("in a later request of the same transaction, takes the earlier ones back", async () => {
    const link = linkOf(1, { "max.message.bytes": "1000" });
    const sink = kafkaReplicaSink(lab.settings);
    const writer = await sink.open(link, forever);
    const noise = Array.from({ length: 4_000 }, () => Math.floor(Math.random() * 36).toString(36)).join("");
    const writes = [write(0, 1n, "a"), write(0, 2n, "b"), write(0, 3n, noise), write(0, 4n, "d")];
    await expect(writer.commit(writes)).rejects.toEqual(expect.objectContaining({ code: "KAFKA_REFUSED" }));
    await writer.close();
    expect(await committed(link.topic)).toEqual([]);
  });

  it("for a cursor's metadata of more than 4096 bytes, stores no record either", async () => {
    const link = linkOf(1);
    const sink = kafkaReplicaSink(lab.settings);
    const writer = await sink.open(link, forever);
    await writer.commit([
      { ...write(0, 1n, "a"), cursor: { partition: 0, sequence: 1n, metadata: "m".repeat(4096) } },
    ]);
    const long = { ...write(0, 2n, "b"), cursor: { partition: 0, sequence: 2n, metadata: "m".repeat(4097) } };
    await expect(writer.commit([long])).rejects.toEqual(expect.objectContaining({ code: "KAFKA_REFUSED" }));
    await writer.close();
    expect(await committed(link.topic)).toEqual(["a"]);
  });
});

describe("transactions of version 1", () => {
  it("go on with their sequences, so that nothing new is taken for a repetition", async () => {
    const topic = await lab.topic(2);
    const metadata = await lab.cluster.topic(topic);
    if (metadata === undefined) throw new Error("the topic was made");
    const producer = await TransactionalProducer.open(lab.cluster, metadata, topicName("id"), "v1", forever);
    const group = topicName("group");
    for (let n = 0; n < 20; n += 1) {
      const writes = [
        { partition: 0, batch: batchOf(`a${n}`, `b${n}`) },
        { partition: 0, batch: batchOf(`c${n}`) },
        { partition: 1, batch: batchOf(`d${n}`) },
      ];
      await producer.commit(writes, group, [{ partition: 0, offset: BigInt(n), metadata: "" }]);
    }
    const rounds = Array.from({ length: 20 }, (_, n) => n);
    expect(await committed(topic, 0)).toEqual(rounds.flatMap((n) => [`a${n}`, `b${n}`, `c${n}`]));
    expect(await committed(topic, 1)).toEqual(rounds.map((n) => `d${n}`));
  });
});
