import { beforeAll, describe, expect, it } from "vitest";
import { createTopic, deleteTopic, partitions } from "../../src/kafka/admin.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { plainSettings } from "./lab.ts";

let settings: KafkaSettings;
beforeAll(async () => {
  settings = plainSettings(await sharedKafka());
});

describe("a topic", () => {
  it("is made once, counted, and deleted once", async () => {
    const topic = topicName("admin");
    expect(await partitions(settings, topic)).toBeUndefined();
    expect(await createTopic(settings, topic, 3, {})).toBe(true);
    expect(await createTopic(settings, topic, 3, {})).toBe(false);
    expect(await partitions(settings, topic)).toBe(3);
    await deleteTopic(settings, topic);
    await expect(deleteTopic(settings, topic)).rejects.toEqual(
      expect.objectContaining({ code: "SOURCE_MISSING" }),
    );
  });

  it("that Kafka does not make is KAFKA_REFUSED, by the name of Kafka's error", async () => {
    await expect(createTopic(settings, "not a name", 1, {})).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_REFUSED", context: { fault: "INVALID_TOPIC_EXCEPTION" } }),
    );
    const factor = { ...settings, replicationFactor: 3 };
    await expect(createTopic(factor, topicName("admin"), 1, {})).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_REFUSED", context: { fault: "INVALID_REPLICATION_FACTOR" } }),
    );
  });
});
