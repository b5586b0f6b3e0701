import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";

const TOPIC = "errands";
const PATIENCE_MS = 10_000;
const MESSAGES = [{ key: "key", value: "value", headers: { name: "value" } }];

/** Has a broker do once what clients ask of brokers: topics, transactions with offsets that end either way, a group that reads. */
export async function runErrands(bootstrap: string): Promise<void> {
  const client = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  const producer = client.producer({ transactionalId: TOPIC, idempotent: true, maxInFlightRequests: 1 });
  const consumer = client.consumer({ groupId: TOPIC, maxWaitTimeInMs: 100 });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  try {
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2 }], waitForLeaders: true });
    for (const end of ["abort", "commit"] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: TOPIC, messages: MESSAGES });
      const partitions = [{ partition: 0, offset: "0" }];
      await transaction.sendOffsets({ consumerGroupId: "cursors", topics: [{ topic: TOPIC, partitions }] });
      await transaction[end]();
    }
    await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
    const { promise: read, resolve } = Promise.withResolvers<void>();
    await consumer.run({ eachMessage: async () => resolve() });
    await Promise.race([read, sleep(PATIENCE_MS, undefined, { ref: false })]);
    await admin.fetchOffsets({ groupId: "cursors" });
    await admin.fetchTopicOffsets(TOPIC);
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
}
