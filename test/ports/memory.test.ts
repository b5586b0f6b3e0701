import { sharedSource } from "../../src/bridge/publish/shared-source.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import type { TopicSource } from "../../src/kernel/ports.ts";
import { MemoryCluster } from "../support/memory-cluster.ts";
import { MemoryJournal } from "../support/memory-journal.ts";
import { memoryReplicaSink } from "../support/memory-replica-sink.ts";
import { memoryTopicSource, valuesIn } from "../support/memory-topic-source.ts";
import { journalSuite } from "./journal-suite.ts";
import { replicaSinkSuite } from "./replica-sink-suite.ts";
import { type SourceWorld, topicSourceSuite } from "./topic-source-suite.ts";

/** The simulation stands on these: what it proves holds for Kafka because both pass the same suites. */
const freshName = (() => {
  let made = 0;
  return () => `topic-${++made}`;
})();
const close = async (): Promise<void> => {};

/** `shared`: as a gateway reads it. */
const sourceWorld = (shared: (source: TopicSource) => TopicSource) => async (): Promise<SourceWorld> => {
  const cluster = new MemoryCluster();
  const record = (value: string) => ({
    timestamp: 1_700_000_000_000n,
    key: null,
    value: Buffer.from(value),
    headers: [],
  });
  return {
    source: shared(memoryTopicSource(cluster)),
    codec: recordCodec,
    makeTopic: async (partitions) => {
      const name = freshName();
      cluster.makeTopic(name, partitions);
      return name;
    },
    remakeTopic: async (topic, partitions) => void cluster.makeTopic(topic, partitions),
    growTopic: async (topic, partitions) => cluster.growTopic(topic, partitions),
    append: async (topic, partition, values) => cluster.append(topic, partition, values.map(record)),
    appendAborted: async (topic, partition, values) => {
      cluster.log(topic, partition).skip(values.length + 1);
      cluster.wake();
    },
    truncateBelow: async (topic, partition, offset) => cluster.log(topic, partition).truncateBelow(offset),
    close,
  };
};

topicSourceSuite(
  "memory",
  sourceWorld((source) => source),
);
topicSourceSuite(
  "memory, shared",
  sourceWorld((source) => sharedSource(source)),
);

replicaSinkSuite("memory", async () => {
  const cluster = new MemoryCluster();
  return {
    sink: memoryReplicaSink(cluster),
    codec: recordCodec,
    freshName,
    makeTopic: async (topic, partitions) => void cluster.makeTopic(topic, partitions),
    committed: async (topic, partition) => valuesIn(cluster, topic, partition),
    close,
  };
});

journalSuite("memory", async () => ({ journal: new MemoryJournal(), freshName, close }));
