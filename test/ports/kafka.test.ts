import { createTopic, deleteTopic, growTopic } from "../../src/kafka/admin.ts";
import { kafkaJournal } from "../../src/kafka/journal.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { Lab, plainSettings, readToEnd, valuesOf } from "../kafka/lab.ts";
import { sharedKafka, topicName } from "../support/kafka.ts";
import { journalSuite } from "./journal-suite.ts";
import { replicaSinkSuite } from "./replica-sink-suite.ts";
import { topicSourceSuite } from "./topic-source-suite.ts";

topicSourceSuite("Kafka", async () => {
  const settings = plainSettings(await sharedKafka());
  const lab = new Lab(settings);
  const source = kafkaTopicSource(settings);
  return {
    source,
    codec: recordCodec,
    makeTopic: async (partitions) => await lab.topic(partitions),
    remakeTopic: async (topic, partitions) => {
      await deleteTopic(settings, topic);
      await createTopic(settings, topic, partitions, {});
    },
    growTopic: async (topic, partitions) => await growTopic(settings, topic, partitions),
    append: async (topic, partition, values) =>
      await lab.write(
        topic,
        partition,
        values.map((value) => ({ value })),
      ),
    appendAborted: async (topic, partition, values) => {
      const open = await lab.transaction(
        topic,
        partition,
        values.map((value) => ({ value })),
      );
      await open.end("abort");
    },
    truncateBelow: async (topic, partition, offset) => await lab.deleteRecords(topic, partition, offset),
    close: async () => {
      source.close();
      lab.close();
    },
  };
});

replicaSinkSuite("Kafka", async () => {
  const settings = plainSettings(await sharedKafka());
  return {
    sink: kafkaReplicaSink(settings),
    codec: recordCodec,
    freshName: () => topicName("replica"),
    makeTopic: async (topic, partitions) => void (await createTopic(settings, topic, partitions, {})),
    committed: async (topic, partition) =>
      (await readToEnd(settings, topic, { partition })).flatMap(valuesOf).map(String),
    close: async () => {},
  };
});

journalSuite("Kafka", async () => {
  const journal = kafkaJournal(plainSettings(await sharedKafka()));
  return { journal, freshName: () => topicName("journal"), close: async () => journal.close() };
});
