import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
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

const TOPIC = 2;

async function topicConfigOf(topic: string, names: string[]): Promise<Record<string, string>> {
  const admin = lab.kafkajs.admin();
  await admin.connect();
  const resources = [{ type: TOPIC, name: topic, configNames: names }];
  const found = await admin.describeConfigs({ includeSynonyms: false, resources });
  await admin.disconnect();
  const entries = found.resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

async function setTopicConfig(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
  const admin = lab.kafkajs.admin();
  await admin.connect();
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC, name: topic, configEntries }] });
  await admin.disconnect();
}

describe("a replica topic", () => {
  it("is made with the link's configuration", async () => {
    const link = linkOf(2, { "retention.ms": "7200000", "max.message.bytes": "2000000" });
    await (await kafkaReplicaSink(lab.settings).open(link, forever)).close();
    expect(await topicConfigOf(link.topic, ["max.message.bytes", "retention.ms"])).toEqual({
      "max.message.bytes": "2000000",
      "retention.ms": "7200000",
    });
  });

  it("follows the link's settings, and keeps those that its owner set", async () => {
    const link = linkOf(1, { "retention.ms": "7200000", "cleanup.policy": "delete" });
    await (await kafkaReplicaSink(lab.settings).open(link, forever)).close();
    await setTopicConfig(link.topic, { "flush.messages": "60001", "retention.ms": "1" });
    const topicConfig = { "retention.ms": "3600000", "cleanup.policy": "delete", "flush.messages": "1000" };
    await (await kafkaReplicaSink(lab.settings).open({ ...link, topicConfig }, forever)).close();
    expect(await topicConfigOf(link.topic, ["retention.ms", "cleanup.policy", "flush.messages"])).toEqual({
      "retention.ms": "3600000",
      "cleanup.policy": "delete",
      "flush.messages": "60001",
    });
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
      context: { fault: "MESSAGE_TOO_LARGE", refusedPartition: 1 },
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

describe.each(["v1", "v2"] as const)("transactions of %s", (dialect) => {
  it("keep every batch in order when they overlap, so that nothing new is taken for a repetition", async () => {
    const link = linkOf(2);
    const writer = await kafkaReplicaSink(lab.settings, { dialect }).open(link, forever);
    const rounds = Array.from({ length: 20 }, (_, n) => n);
    await Promise.all(
      rounds.map(async (n) => {
        const sequence = BigInt(3 * n);
        await writer.commit([
          write(0, sequence + 2n, `a${n}`, `b${n}`),
          write(0, sequence + 3n, `c${n}`),
          write(1, BigInt(n + 1), `d${n}`),
        ]);
      }),
    );
    await writer.close();
    expect(await committed(link.topic, 0)).toEqual(rounds.flatMap((n) => [`a${n}`, `b${n}`, `c${n}`]));
    expect(await committed(link.topic, 1)).toEqual(rounds.map((n) => `d${n}`));
    const next = await kafkaReplicaSink(lab.settings, { dialect }).open(link, forever);
    expect(next.cursors.get(0)?.sequence).toBe(60n);
    await next.close();
  });
});
