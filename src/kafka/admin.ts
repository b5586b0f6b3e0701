import type { Admin, KafkaConfig, SASLOptions } from "kafkajs";
import { MeshError } from "../kernel/error.ts";
import type { KafkaSasl, KafkaSettings, KafkaTls } from "../kernel/kafka-settings.ts";
import { Cluster } from "./cluster.ts";
import { toMeshError } from "./fault.ts";
import { shownTopic } from "./shown-topic.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * Makes a topic and waits until it has its leaders; false when it was there already. `config` are topic settings by Kafka's names.
 * Throws KAFKA_UNAVAILABLE, KAFKA_DENIED, KAFKA_REFUSED.
 */
export async function createTopic(
  settings: KafkaSettings,
  topic: string,
  partitions: number,
  config: Readonly<Record<string, string>>,
): Promise<boolean> {
  const isNew = await withAdmin(settings, `make the topic ${topic}`, async (admin) => {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const wanted = {
      topic,
      numPartitions: partitions,
      replicationFactor: settings.replicationFactor,
      configEntries,
    };
    // The client's own wait gives up with an error as soon as a broker does not know the topic yet.
    return await admin.createTopics({ topics: [wanted], waitForLeaders: false, timeout: REQUEST_TIMEOUT_MS });
  });
  const cluster = new Cluster(settings);
  try {
    await shownTopic(cluster, topic, isNew ? partitions : 1);
  } finally {
    cluster.close();
  }
  return isNew;
}

/** Gives a topic so many partitions in all. Throws KAFKA_REFUSED (INVALID_PARTITIONS) when it has as many already. */
export async function growTopic(settings: KafkaSettings, topic: string, count: number): Promise<void> {
  await withAdmin(settings, `add partitions to the topic ${topic}`, async (admin) => {
    await admin.createPartitions({ topicPartitions: [{ topic, count }], timeout: REQUEST_TIMEOUT_MS });
  });
}

/** Deletes a topic and waits for the broker's word. Throws SOURCE_MISSING when there is none. */
export async function deleteTopic(settings: KafkaSettings, topic: string): Promise<void> {
  await withAdmin(settings, `delete the topic ${topic}`, async (admin) => {
    const names = await admin.listTopics();
    if (!names.includes(topic)) {
      throw new MeshError("SOURCE_MISSING", `The topic ${topic} does not exist in this Kafka.`, {
        context: { topic },
      });
    }
    await admin.deleteTopics({ topics: [topic], timeout: REQUEST_TIMEOUT_MS });
  });
}

/** How many partitions a topic has; undefined when there is none. */
export async function partitions(settings: KafkaSettings, topic: string): Promise<number | undefined> {
  return await withAdmin(settings, `look up the topic ${topic}`, async (admin) => {
    const names = await admin.listTopics();
    if (!names.includes(topic)) return undefined;
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length;
  });
}

async function withAdmin<Answer>(
  settings: KafkaSettings,
  doing: string,
  run: (admin: Admin) => Promise<Answer>,
): Promise<Answer> {
  const { Kafka, logLevel } = await import("kafkajs");
  // Its log would show addresses and errors that we already report, in a format of its own.
  const admin = new Kafka({ ...configOf(settings), logLevel: logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    return await run(admin);
  } catch (error) {
    throw toMeshError(error, doing);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function configOf(settings: KafkaSettings): KafkaConfig {
  return {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 5 },
    ssl: settings.tls === undefined ? false : tlsOf(settings.tls),
    ...(settings.sasl === undefined ? {} : { sasl: saslOf(settings.sasl) }),
  };
}

/** Without a name of ours, the client takes the host's for SNI and verification. */
function tlsOf(tls: KafkaTls) {
  return {
    rejectUnauthorized: true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function saslOf(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === "oauthbearer") {
    return {
      mechanism: "oauthbearer",
      oauthBearerProvider: async () => ({ value: (await sasl.token()).reveal() }),
    };
  }
  const { mechanism, username } = sasl;
  return { mechanism, username, password: sasl.password.reveal() };
}
