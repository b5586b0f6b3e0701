import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushTarget } from "../../src/bridge/push/push-target.ts";
import { kafkaSettings } from "../../src/document/kafka-section.ts";
import { createTopic } from "../../src/kafka/admin.ts";
import { kafkaAtLeastOnceSink } from "../../src/kafka/at-least-once-sink.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import type { KafkaSection, SaslSection, TlsSection } from "../../src/kernel/kafka-section.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import type { ReplicaLink, ReplicaSink } from "../../src/kernel/ports.ts";
import { pushingGateways } from "../bridge/pushes.ts";
import { AURORA } from "../mesh/two-companies.ts";
import { topicName } from "../support/kafka.ts";
import { Authority } from "./certificates.ts";
import { TIMESTAMP } from "./foreign-batch.ts";
import { GuardedKafka, type Right } from "./guarded-kafka.ts";
import { plainSettings, readToEnd, valuesOf } from "./lab.ts";

let helix: GuardedKafka;
let stranger: Authority;
/** What lies below `secrets/`. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  [helix, stranger] = await Promise.all([GuardedKafka.start(), Authority.make()]);
  secrets.set("secrets/ca.pem", helix.authority.pem);
  secrets.set("secrets/other-ca.pem", stranger.pem);
  secrets.set("secrets/client.pem", helix.client.cert);
  secrets.set("secrets/client.key", helix.client.key);
  secrets.set("secrets/password", "right\n");
  secrets.set("secrets/wrong", "wrong-secret");
  secrets.set("secrets/token", helix.token());
  secrets.set("secrets/old-token", helix.token({ exp: 1_700_000_000 }));
  secrets.set("secrets/other-token", helix.token({ aud: "kafka.other.example" }));
}, 90_000);
afterAll(async () => await helix?.stop());

const CA: TlsSection = { ca: { file: "secrets/ca.pem" } };
const scram = (file: string): SaslSection => ({
  mechanism: "scram-sha-512",
  username: "aurora",
  password: { file },
});
const bearer = (file: string): SaslSection => ({ mechanism: "oauthbearer", token: { file } });

/** Settings by a section as it stands in a partner's file. */
function settingsAt(listener: string, section: Omit<KafkaSection, "brokers">): KafkaSettings {
  const brokers = [helix.kafka.listeners[listener] ?? ""];
  const references = { readFile: (path: string) => secrets.get(path), env: () => undefined };
  return { ...kafkaSettings({ brokers, ...section }, references), replicationFactor: 1 };
}

const world = await pushingGateways(1);
const agreement = world.aurora.agreement();

/** The sink as a push has it, with the failures of the partner's Kafka by their names. */
function targetOver(sink: ReplicaSink): ReplicaSink {
  if (agreement === undefined) throw new Error("The agreement stands.");
  const ports = { owner: AURORA, sinkOf: () => sink };
  return pushTarget(agreement, undefined, world.aurora.registry.snapshot, ports).sink;
}

const linkOf = (topic: string): ReplicaLink => {
  const group = `tiermesh.${topic}`;
  return { topic, partitions: 1, group, transactionalId: group, topicConfig: { "retention.ms": "-1" } };
};

/** Opens, writes one record with its place, and closes. */
async function pushOne(sink: ReplicaSink, topic: string): Promise<void> {
  const writer = await targetOver(sink).open(linkOf(topic), new AbortController().signal);
  const batch = recordCodec.encode([
    { timestamp: TIMESTAMP, key: null, value: Buffer.from("v"), headers: [] },
  ]);
  const place = (sequence: bigint) => ({ partition: 0, sequence, metadata: "sha-256:x sealed" });
  const known = writer.cursors.get(0)?.sequence;
  const first = { partition: 0, batch: undefined, count: 0, cursor: place(0n) };
  const next = { partition: 0, batch, count: 1, cursor: place((known ?? 0n) + 1n) };
  try {
    await writer.commit(known === undefined ? [first, next] : [next]);
  } finally {
    await writer.close();
  }
}

const stored = async (topic: string) =>
  (await readToEnd(plainSettings(helix.kafka.bootstrap), topic)).flatMap(valuesOf);

/** The rights that docs/push.md lists for a push of this topic; the first table's are the ones without which it can't be. */
function rightsFor(topic: string): readonly Right[] {
  const page = readFileSync(new URL("../../docs/push.md", import.meta.url), "utf8");
  const rows = page.matchAll(
    /^\| (topic|group|transactional id) +\| `([^`]+)` +\| (prefixed|literal) +\| ([A-Z]+) +\| `TARGET_/gm,
  );
  return [...rows].map(([, on, , pattern, operation]) => ({
    on: on === "transactional id" ? "transactionalId" : (on as Right["on"]),
    name: on === "topic" ? topic : `tiermesh.${topic}`,
    pattern: pattern as Right["pattern"],
    operation: operation?.toLowerCase() as Right["operation"],
  }));
}

async function madeTopic(): Promise<string> {
  const topic = topicName("aurora.pushed");
  await createTopic(plainSettings(helix.kafka.bootstrap), topic, 1, { "retention.ms": "-1" });
  return topic;
}

describe("a partner's Kafka takes a push", () => {
  it.each<[string, string, string, Omit<KafkaSection, "brokers">]>([
    ["TLS with an authority of its own", "TLS", "User:ANONYMOUS", { tls: CA }],
    [
      "mutual TLS",
      "MUTUAL",
      "User:CN=aurora",
      { tls: { ...CA, cert: { file: "secrets/client.pem" }, key: { file: "secrets/client.key" } } },
    ],
    ["SCRAM-SHA-512 over TLS", "SCRAM", "User:aurora", { tls: CA, sasl: scram("secrets/password") }],
    ["a signed token over TLS", "TOKEN", "User:aurora", { tls: CA, sasl: bearer("secrets/token") }],
  ])("over %s, with the rights of docs/push.md, either way", async (_name, listener, principal, section) => {
    const settings = settingsAt(listener, section);
    const topic = await madeTopic();
    await helix.grant(principal, rightsFor(topic));
    await pushOne(kafkaReplicaSink(settings), topic);
    await pushOne(kafkaAtLeastOnceSink(settings), topic);
    expect(await stored(topic)).toEqual(["v", "v"]);
  });

  it("into a topic that we may make", async () => {
    const topic = topicName("aurora.made");
    const create = { on: "topic", name: topic, pattern: "literal", operation: "create" } as const;
    await helix.grant("User:aurora", [...rightsFor(topic), create]);
    const settings = settingsAt("SCRAM", { tls: CA, sasl: scram("secrets/password") });
    await pushOne(kafkaReplicaSink(settings), topic);
    expect(await stored(topic)).toEqual(["v"]);
  });
});

describe("a push that is cut off", () => {
  it.each([
    ["exactly once", kafkaReplicaSink],
    ["at least once", kafkaAtLeastOnceSink],
  ])("%s does not wait for a Kafka that hangs, and completes nothing afterwards", async (_name, sinkOver) => {
    const topic = await madeTopic();
    await helix.grant("User:aurora", rightsFor(topic));
    const settings = settingsAt("SCRAM", { tls: CA, sasl: scram("secrets/password") });
    const writer = await targetOver(sinkOver(settings)).open(linkOf(topic), new AbortController().signal);
    process.kill(helix.kafka.pid, "SIGSTOP");
    try {
      const cursor = { partition: 0, sequence: 1n, metadata: "sha-256:x sealed" };
      const committing = writer.commit([{ partition: 0, batch: undefined, count: 0, cursor }]);
      writer.cut?.();
      await expect(committing).rejects.toEqual(expect.objectContaining({ code: "TARGET_UNAVAILABLE" }));
      await expect(writer.commit([])).rejects.toEqual(
        expect.objectContaining({ code: "TARGET_UNAVAILABLE" }),
      );
      await writer.close();
    } finally {
      process.kill(helix.kafka.pid, "SIGCONT");
    }
    const again = await targetOver(sinkOver(settings)).open(linkOf(topic), new AbortController().signal);
    expect(again.cursors.size).toBe(0);
    await again.close();
  });
});

describe("a partner's Kafka refuses a push by name", () => {
  it.each<[string, string, Omit<KafkaSection, "brokers">, string, RegExp]>([
    [
      "of an authority that is not its own",
      "TLS",
      { tls: { ca: { file: "secrets/other-ca.pem" } } },
      "TARGET_TLS",
      /SIGNATURE|ISSUER|SELF_SIGNED|CERT/,
    ],
    ["whose certificate has expired", "EXPIRED", { tls: CA }, "TARGET_TLS", /CERT_HAS_EXPIRED/],
    [
      "whose certificate is of another host",
      "TLS",
      { tls: { ...CA, serverName: "kafka.other.example" } },
      "TARGET_TLS",
      /ALTNAME/,
    ],
    ["that wants a certificate of ours", "MUTUAL", { tls: CA }, "TARGET_TLS", /CERTIFICATE_REQUIRED|SSL/],
    [
      "with a password that is wrong",
      "SCRAM",
      { tls: CA, sasl: scram("secrets/wrong") },
      "TARGET_DENIED",
      /SASL_AUTHENTICATION_FAILED/,
    ],
    [
      "with a token that has expired",
      "TOKEN",
      { tls: CA, sasl: bearer("secrets/old-token") },
      "TARGET_DENIED",
      /Kafka refused the token/,
    ],
    [
      "with a token for another audience",
      "TOKEN",
      { tls: CA, sasl: bearer("secrets/other-token") },
      "TARGET_DENIED",
      /Kafka refused the token/,
    ],
    ["without TLS where it is wanted", "TLS", {}, "TARGET_UNAVAILABLE", /./],
  ])("one %s", async (_name, listener, section, code, says) => {
    const failure = await pushOne(kafkaReplicaSink(settingsAt(listener, section)), "aurora.any").catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toMatch(says);
    expect(String(failure)).not.toContain("wrong-secret");
  });

  const NEEDED = rightsFor("T").map(({ on, operation }) => [on, operation] as const);

  it("lists what it needs in docs/push.md", () => {
    expect(NEEDED).toHaveLength(4);
  });

  it.each(NEEDED)("one without the right on the %s: %s", async (on, operation) => {
    const topic = await madeTopic();
    const isMissing = (right: Right): boolean => right.on === on && right.operation === operation;
    await helix.grant(
      "User:aurora",
      rightsFor(topic).filter((right) => !isMissing(right)),
    );
    const settings = settingsAt("SCRAM", { tls: CA, sasl: scram("secrets/password") });
    const failure = await pushOne(kafkaReplicaSink(settings), topic).catch((error: unknown) => error);
    const code = on === "transactionalId" ? "TARGET_NO_TRANSACTIONS" : "TARGET_DENIED";
    const name = on === "topic" ? topic : `tiermesh.${topic}`;
    expect(failure).toMatchObject({
      code,
      message: expect.stringMatching(`Ask helix for .*${operation.toUpperCase()}.*${name}`),
    });
    expect(await stored(topic)).toEqual([]);
  });

  it("one that lets no place be stored gets no record either, also without transactions", async () => {
    const topic = await madeTopic();
    const rights = rightsFor(topic).map((right) =>
      right.on === "group" ? { ...right, operation: "describe" as const } : right,
    );
    await helix.grant("User:aurora", rights);
    const settings = settingsAt("SCRAM", { tls: CA, sasl: scram("secrets/password") });
    await expect(pushOne(kafkaAtLeastOnceSink(settings), topic)).rejects.toEqual(
      expect.objectContaining({ code: "TARGET_DENIED" }),
    );
    expect(await stored(topic)).toEqual([]);
  });

  it("one without transactions still takes a push that does not need them", async () => {
    const topic = await madeTopic();
    await helix.grant(
      "User:aurora",
      rightsFor(topic).filter(({ on }) => on !== "transactionalId"),
    );
    const settings = settingsAt("SCRAM", { tls: CA, sasl: scram("secrets/password") });
    await pushOne(kafkaAtLeastOnceSink(settings), topic);
    expect(await stored(topic)).toEqual(["v"]);
  });

  it("one whose topic is not there and may not be made", async () => {
    const topic = topicName("aurora.absent");
    await helix.grant("User:aurora", rightsFor(topic));
    const settings = settingsAt("SCRAM", { tls: CA, sasl: scram("secrets/password") });
    await expect(pushOne(kafkaReplicaSink(settings), topic)).rejects.toEqual(
      expect.objectContaining({
        code: "TARGET_DENIED",
        message: expect.stringMatching(/CREATE on .*1 partitions/),
      }),
    );
  });
});
