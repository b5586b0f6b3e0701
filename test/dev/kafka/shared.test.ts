import { Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { sharedKafka, topicName } from "../../support/kafka.ts";

test("the Kafka of the run stores what is produced and gives it back", async () => {
  const client = new Kafka({ brokers: [await sharedKafka()], logLevel: logLevel.NOTHING });
  const topic = topicName("shared");
  const [admin, producer, consumer] = [
    client.admin(),
    client.producer(),
    client.consumer({ groupId: topic }),
  ];
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await producer.send({ topic, messages: [{ key: "a", value: "1" }] });
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  await consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) });
  expect(await promise).toBe("1");
  await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
});
