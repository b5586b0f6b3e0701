import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createTopic, deleteTopic } from "../../src/kafka/admin.ts";
import { kafkaAtLeastOnceSink } from "../../src/kafka/at-least-once-sink.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { LOOK_AFTER_MS, preparedTopic } from "../../src/kafka/replica-topic.ts";
import type { ReplicaWrite } from "../../src/kernel/ports.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { Lab, plainSettings } from "./lab.ts";

const TOPIC = 2;

it("a replica topic that its owner has compacted goes on deleting by time, and is compacted still", async () => {
  const lab = new Lab(plainSettings(await sharedKafka()));
  const cluster = new Cluster(lab.settings);
  const admin = lab.kafkajs.admin();
  await admin.connect();
  const topic = topicName("replica");
  const topicConfig = { "retention.ms": "86400000", "cleanup.policy": "delete" };
  const link = { topic, partitions: 1, group: topic, transactionalId: topic, topicConfig };
  await preparedTopic(cluster, link);
  const configEntries = [{ name: "cleanup.policy", value: "compact" }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC, name: topic, configEntries }] });
  await preparedTopic(cluster, link);
  const configNames = ["cleanup.policy", "retention.ms", "segment.ms"];
  const asked = [{ type: TOPIC, name: topic, configNames }];
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: asked });
  await admin.disconnect();
  cluster.close();
  lab.close();
  const found = resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]);
  expect(Object.fromEntries(found ?? [])).toEqual({
    "cleanup.policy": "compact,delete",
    "retention.ms": "86400000",
    "segment.ms": "8640000",
  });
});

const write = (sequence: bigint): ReplicaWrite => ({
  partition: 0,
  batch: recordCodec.encode([{ timestamp: TIMESTAMP, key: null, value: Buffer.from("v"), headers: [] }]),
  count: 1,
  cursor: { partition: 0, sequence, metadata: "" },
});

it.each([
  ["in transactions", kafkaReplicaSink],
  ["at least once", kafkaAtLeastOnceSink],
])("a replica topic that was made again is not written on in its middle, %s", async (_how, sinkOf) => {
  const settings = plainSettings(await sharedKafka());
  const topic = topicName("replica");
  const link = { topic, partitions: 1, group: topic, transactionalId: topic, topicConfig: {} };
  const forever = new AbortController().signal;
  const writer = await sinkOf(settings).open(link, forever);
  await writer.commit([write(1n)]);
  await deleteTopic(settings, topic);
  await createTopic(settings, topic, 1, {});
  await sleep(LOOK_AFTER_MS);
  await expect(writer.commit([write(2n)])).rejects.toEqual(
    expect.objectContaining({ code: "KAFKA_REFUSED" }),
  );
  await writer.close();
  const next = await sinkOf(settings).open(link, forever);
  expect([...next.cursors.keys(), ...next.empty]).toEqual([0]);
  expect(next.cursors.size).toBe(0);
  await next.close();
});
