import { expect, it } from "vitest";
import { Cluster } from "../../src/kafka/cluster.ts";
import { preparedTopic } from "../../src/kafka/replica-topic.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
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
