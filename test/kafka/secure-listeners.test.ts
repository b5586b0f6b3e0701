import { pbkdf2Sync, randomBytes } from "node:crypto";
import { alterUserScramCredentialsV0, createAclsV3 } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Kafka, startKafka } from "../../dev/kafka/broker.ts";
import { createTopic } from "../../src/kafka/admin.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import { FEATURES } from "../../src/kafka/cluster-requests.ts";
import { BrokerConnection, brokerAddress } from "../../src/kafka/connection.ts";
import { kafkaJournal } from "../../src/kafka/journal.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import type { KafkaSasl, KafkaSettings, KafkaTls } from "../../src/kernel/kafka-settings.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { topicName } from "../support/kafka.ts";
import { Authority, type Identity } from "./certificates.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { plainSettings, readToEnd, valuesOf } from "./lab.ts";
import { libraryRequest } from "./library-request.ts";

const SCRAM_ITERATIONS = 4096;
const user = (mechanism: "plain" | "scram-sha-256" | "scram-sha-512", password: string): KafkaSasl => ({
  mechanism,
  username: "gateway",
  password: new Secret(password),
});

/** A JWS without signature (RFC 7515, appendix A.5), which a broker without an issuer takes. */
function unsecuredToken(subject: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: "none" })}.${part({ sub: subject, iat: now, exp: now + 600 })}.`;
}

let kafka: Kafka;
let authority: Authority;
let client: Identity;
let stranger: Identity;

beforeAll(async () => {
  authority = await Authority.make();
  const [server, known, unknown] = await Promise.all([
    authority.sign("broker"),
    authority.sign("gateway"),
    Authority.make().then(async (other) => await other.sign("gateway")),
  ]);
  client = known;
  stranger = unknown;
  const jaas = "org.apache.kafka.common.security";
  const tls = (listener: string, clientAuth: string) => ({
    [`listener.name.${listener}.ssl.keystore.type`]: "PEM",
    [`listener.name.${listener}.ssl.keystore.key`]: server.key,
    [`listener.name.${listener}.ssl.keystore.certificate.chain`]: server.cert,
    [`listener.name.${listener}.ssl.truststore.type`]: "PEM",
    [`listener.name.${listener}.ssl.truststore.certificates`]: authority.pem,
    [`listener.name.${listener}.ssl.client.auth`]: clientAuth,
  });
  kafka = await startKafka({
    listeners: {
      PASSWORD: "SASL_PLAINTEXT",
      TOKEN: "SASL_PLAINTEXT",
      MUTUAL: "SSL",
      BOTH: "SASL_SSL",
      SHORT: "SASL_PLAINTEXT",
    },
    settings: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
      "allow.everyone.if.no.acl.found": "true",
      ...tls("mutual", "required"),
      ...tls("both", "none"),
      "listener.name.password.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
      "listener.name.password.plain.sasl.jaas.config": `${jaas}.plain.PlainLoginModule required user_gateway="right";`,
      "listener.name.password.scram-sha-256.sasl.jaas.config": `${jaas}.scram.ScramLoginModule required;`,
      "listener.name.password.scram-sha-512.sasl.jaas.config": `${jaas}.scram.ScramLoginModule required;`,
      "listener.name.both.sasl.enabled.mechanisms": "SCRAM-SHA-512",
      "listener.name.both.scram-sha-512.sasl.jaas.config": `${jaas}.scram.ScramLoginModule required;`,
      "listener.name.short.sasl.enabled.mechanisms": "PLAIN",
      "listener.name.short.plain.sasl.jaas.config": `${jaas}.plain.PlainLoginModule required user_gateway="right";`,
      "listener.name.short.plain.connections.max.reauth.ms": "2000",
      "listener.name.token.sasl.enabled.mechanisms": "OAUTHBEARER",
      "listener.name.token.oauthbearer.sasl.jaas.config": `${jaas}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    },
  });
  await makeScramUser(kafka.bootstrap);
}, 60_000);
afterAll(async () => await kafka.stop());

async function makeScramUser(bootstrap: string): Promise<void> {
  const connection = await BrokerConnection.open(plainSettings(bootstrap), brokerAddress(bootstrap));
  const salt = randomBytes(16);
  const upsertions = [
    { mechanism: 1, digest: "sha256", bytes: 32 },
    { mechanism: 2, digest: "sha512", bytes: 64 },
  ].map(({ mechanism, digest, bytes }) => ({
    name: "gateway",
    mechanism,
    iterations: SCRAM_ITERATIONS,
    salt,
    saltedPassword: pbkdf2Sync("right", salt, SCRAM_ITERATIONS, bytes, digest),
  }));
  // Kafka takes one change of a user at a time.
  for (const upsertion of upsertions) {
    await connection.call("make a user", libraryRequest(alterUserScramCredentialsV0.api), [], [upsertion]);
  }
  connection.close();
}

const settingsFor = (
  listener: string,
  sasl: KafkaSasl | undefined,
  tls: KafkaTls | undefined,
): KafkaSettings => ({
  ...plainSettings(kafka.listeners[listener] ?? ""),
  sasl,
  tls,
});
const trusting = (identity?: Identity): KafkaTls => ({
  ca: authority.pem,
  cert: identity?.cert,
  key: identity === undefined ? undefined : new Secret(identity.key),
  serverName: undefined,
});

const token = (text: string): KafkaSasl => ({
  mechanism: "oauthbearer",
  token: async () => new Secret(text),
});

/** Leaves the resource to somebody else, so that the gateway has no right on it. */
async function reserve(resourceType: 2 | 3 | 5, resourceName: string): Promise<void> {
  const connection = await BrokerConnection.open(
    plainSettings(kafka.bootstrap),
    brokerAddress(kafka.bootstrap),
  );
  const somebody = { principal: "User:somebody", host: "*", operation: 2, permissionType: 3 } as const;
  const acl = { resourceType, resourceName, resourcePatternType: 3 as const, ...somebody };
  await connection.call("reserve a resource", libraryRequest(createAclsV3.api), [acl]);
  connection.close();
}

describe("a gateway without the right", () => {
  const RESOURCE = { topic: 2, group: 3, transactionalId: 5 } as const;
  const settingsOf = (): KafkaSettings => settingsFor("PASSWORD", user("plain", "right"), undefined);

  it("to a topic is KAFKA_DENIED by the source and by the journal", async () => {
    const topic = topicName("reserved");
    await createTopic(plainSettings(kafka.bootstrap), topic, 1, {});
    await reserve(RESOURCE.topic, topic);
    const denied = expect.objectContaining({
      code: "KAFKA_DENIED",
      context: { fault: "TOPIC_AUTHORIZATION_FAILED" },
    });
    await expect(readToEnd(settingsOf(), topic)).rejects.toEqual(denied);
    const journal = kafkaJournal(settingsOf());
    await expect(journal.append(topic, [{ key: "k", value: null }])).rejects.toEqual(denied);
    journal.close();
  });

  it.each([
    ["a transactional id", RESOURCE.transactionalId, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
    ["a group", RESOURCE.group, "GROUP_AUTHORIZATION_FAILED"],
  ] as const)("to %s can't open a replica topic", async (_name, resource, fault) => {
    const topic = topicName("reserved");
    await reserve(resource, topic);
    const link = { topic, partitions: 1, group: topic, transactionalId: topic, topicConfig: {} };
    const opening = kafkaReplicaSink(settingsOf()).open(link, new AbortController().signal);
    await expect(opening).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_DENIED", context: { fault } }),
    );
  });
});

describe("a secured listener", () => {
  it.each([
    ["SASL/PLAIN", () => settingsFor("PASSWORD", user("plain", "right"), undefined)],
    ["SCRAM-SHA-256", () => settingsFor("PASSWORD", user("scram-sha-256", "right"), undefined)],
    ["SCRAM-SHA-512", () => settingsFor("PASSWORD", user("scram-sha-512", "right"), undefined)],
    ["OAUTHBEARER", () => settingsFor("TOKEN", token(unsecuredToken("gateway")), undefined)],
    ["mutual TLS", () => settingsFor("MUTUAL", undefined, trusting(client))],
    ["SCRAM-SHA-512 over TLS", () => settingsFor("BOTH", user("scram-sha-512", "right"), trusting())],
  ] as const)("serves every port: %s", async (_name, settingsOf) => {
    const settings = settingsOf();
    const topic = topicName("secure");
    await createTopic(settings, topic, 1, { "retention.ms": "-1" });
    const link = { topic, partitions: 1, group: topic, transactionalId: topic, topicConfig: {} };
    const writer = await kafkaReplicaSink(settings).open(link, new AbortController().signal);
    const batch = recordCodec.encode([
      { timestamp: TIMESTAMP, key: null, value: Buffer.from("v"), headers: [] },
    ]);
    await writer.commit([
      { partition: 0, batch, count: 1, cursor: { partition: 0, sequence: 1n, metadata: "" } },
    ]);
    await writer.close();
    expect((await readToEnd(settings, topic)).flatMap(valuesOf)).toEqual(["v"]);
    const journal = kafkaJournal(settings);
    await journal.append(topic, [{ key: "k", value: Buffer.from("journal") }]);
    journal.close();
    expect((await readToEnd(settings, topic)).flatMap(valuesOf)).toEqual(["v", "journal"]);
  });

  it("that lets a session live for two seconds is read on and on, over one connection after the other", async () => {
    const settings = settingsFor("SHORT", user("plain", "right"), undefined);
    const topic = topicName("session");
    await createTopic(plainSettings(kafka.bootstrap), topic, 1, { "retention.ms": "-1" });
    const first = await BrokerConnection.open(settings, brokerAddress(settings.brokers[0] ?? ""));
    expect(first.alive).toBe(true);
    const journal = kafkaJournal(settings);
    const append = async (key: string) => await journal.append(topic, [{ key, value: null }]);
    await append("0");
    const stop = new AbortController();
    const keys: unknown[] = [];
    for await (const { key } of journal.read(topic, { follow: true, signal: stop.signal })) {
      keys.push(key);
      // A session of the age of this one is over by the time the next record is written.
      if (keys.length < 4) {
        const old = await BrokerConnection.open(settings, brokerAddress(settings.brokers[0] ?? ""));
        await expect.poll(() => old.alive, { timeout: 10_000 }).toBe(false);
        old.close();
        await append(`${keys.length}`);
      } else stop.abort();
    }
    expect(keys).toEqual(["0", "1", "2", "3"]);
    expect(first.alive).toBe(false);
    first.close();
    journal.close();
  });

  it("that lets a session live for two seconds has no connection left over when another took its place", async () => {
    const cluster = new Cluster(settingsFor("SHORT", user("plain", "right"), undefined));
    const old = await cluster.any();
    await expect.poll(() => old.alive, { timeout: 10_000, interval: 20 }).toBe(false);
    const other = await cluster.any();
    expect(other).not.toBe(old);
    await expect(old.call("ask", FEATURES, "test", "1")).rejects.toEqual(
      expect.objectContaining({ code: "KAFKA_UNAVAILABLE" }),
    );
    expect((await other.call("ask", FEATURES, "test", "1")).size).toBeGreaterThan(0);
    cluster.close();
  });

  it.each([
    [
      "a wrong password, PLAIN",
      () => settingsFor("PASSWORD", user("plain", "wrong-secret"), undefined),
      "KAFKA_DENIED",
    ],
    [
      "a wrong password, SCRAM",
      () => settingsFor("PASSWORD", user("scram-sha-256", "wrong-secret"), undefined),
      "KAFKA_DENIED",
    ],
    [
      "a token that is none",
      () => settingsFor("TOKEN", token("wrong-secret"), undefined),
      "KAFKA_DENIED",
      "KAFKA_UNAVAILABLE",
    ],
    [
      "a mechanism that it does not have",
      () => settingsFor("BOTH", user("plain", "wrong-secret"), trusting()),
      "KAFKA_DENIED",
    ],
    [
      "a broker that nobody vouches for",
      () => settingsFor("BOTH", user("scram-sha-512", "wrong-secret"), { ...trusting(), ca: undefined }),
      "KAFKA_UNAVAILABLE",
    ],
    [
      "a client that the broker does not know",
      () => settingsFor("MUTUAL", undefined, trusting(stranger)),
      "KAFKA_UNAVAILABLE",
    ],
    ["no TLS where it is wanted", () => settingsFor("MUTUAL", undefined, undefined), "KAFKA_UNAVAILABLE"],
    // kafkajs takes the broker's refusal of a token for a success, and then only finds the connection closed.
  ] as const)(
    "refuses by name, to both clients: %s",
    async (_name, settingsOf, code, adminCode: string = code) => {
      const settings = settingsOf();
      const journal = kafkaJournal(settings);
      const failures = await Promise.all(
        [journal.append("t", [{ key: "k", value: null }]), createTopic(settings, "t", 1, {})].map(
          async (attempt) => await attempt.catch((error: unknown) => error),
        ),
      );
      journal.close();
      expect(failures).toEqual([
        expect.objectContaining({ code }),
        expect.objectContaining({ code: adminCode }),
      ]);
      for (const failure of failures) expect(String(failure)).not.toContain("wrong-secret");
    },
  );
});
