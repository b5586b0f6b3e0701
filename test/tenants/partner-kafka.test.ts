import { describe, expect, test } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { makeCard, readCard } from "../../src/tenants/card.ts";
import { partnerDocument, readPartner } from "../../src/tenants/partner-file.ts";
import { changed, documentOf, freshRing, HELIX } from "./company.ts";

const cardJson = makeCard(await freshRing(), {
  id: HELIX,
  name: "Helix",
  url: "https://helix.example:8443",
  serial: 1,
  issuedAt: "2026-11-22T09:00:00Z",
});
const fingerprint = readCard(documentOf(cardJson)).card?.fingerprint ?? "";
const companions = { read: () => Buffer.from(JSON.stringify(cardJson)) };

/** What is read of a partner's file with that section. */
function read(kafka: Json) {
  const document = changed(
    partnerDocument({ name: "helix", card: "card.json", fingerprint }),
    "/spec/kafka",
    kafka,
  );
  const { partner, problems } = readPartner(documentOf(document), companions);
  return {
    kafka: partner?.kafka,
    problems: problems.map(({ severity, rule, pointer }) => [severity, rule, pointer]),
  };
}

const BROKERS = { brokers: ["kafka.helix.example:9093"] };
const SCRAM = { mechanism: "scram-sha-512", username: "aurora", password: { file: "secrets/helix" } };

describe("a partner's Kafka", () => {
  test("has its defaults where the file says nothing", () => {
    expect(read({ ...BROKERS, tls: {} })).toEqual({
      kafka: { ...BROKERS, tls: {}, topicPrefix: undefined, delivery: "exactly-once" },
      problems: [],
    });
  });

  test("is as the file says, with references and no secrets", () => {
    const kafka = {
      brokers: ["kafka.helix.example:9093", "[::1]:9093"],
      tls: { ca: { file: "secrets/helix/ca.pem" }, serverName: "kafka.helix.example" },
      sasl: SCRAM,
      topicPrefix: "aurora.",
      delivery: "at-least-once",
    };
    expect(read(kafka)).toEqual({ kafka, problems: [] });
  });

  test.each<[string, Json, string, string, string]>([
    ["no broker", { brokers: [], tls: {} }, "error", "partner.size", "/spec/kafka/brokers"],
    [
      "a broker without a port",
      { brokers: ["kafka"], tls: {} },
      "error",
      "partner.format",
      "/spec/kafka/brokers/0",
    ],
    [
      "a member that is not known",
      { ...BROKERS, tls: {}, acks: 1 },
      "error",
      "partner.unknown-key",
      "/spec/kafka/acks",
    ],
    [
      "a prefix that no topic has",
      { ...BROKERS, tls: {}, topicPrefix: "a b" },
      "error",
      "partner.format",
      "/spec/kafka/topicPrefix",
    ],
    [
      "a certificate without its key",
      { ...BROKERS, tls: { cert: { file: "secrets/c" } } },
      "error",
      "partner.required",
      "/spec/kafka/tls",
    ],
    [
      "a password in the file itself",
      { ...BROKERS, tls: {}, sasl: { ...SCRAM, password: "hunter2" } },
      "error",
      "partner.literal-secret",
      "/spec/kafka/sasl/password",
    ],
    [
      "a key of the gateway as a password",
      { ...BROKERS, tls: {}, sasl: { ...SCRAM, password: { file: "keys/signing.jwk.json" } } },
      "error",
      "partner.secret-place",
      "/spec/kafka/sasl/password",
    ],
    [
      "a path that leads out",
      { ...BROKERS, tls: {}, sasl: { ...SCRAM, password: { file: "secrets/../keys/cursor.key" } } },
      "error",
      "partner.secret-place",
      "/spec/kafka/sasl/password",
    ],
    [
      "a file of the machine as an authority",
      { ...BROKERS, tls: { ca: { file: "/etc/passwd" } } },
      "error",
      "partner.secret-place",
      "/spec/kafka/tls/ca",
    ],
    [
      "any variable of the environment",
      { ...BROKERS, tls: {}, sasl: { ...SCRAM, password: { env: "AWS_SECRET_ACCESS_KEY" } } },
      "error",
      "partner.secret-place",
      "/spec/kafka/sasl/password",
    ],
    [
      "a password in clear",
      { ...BROKERS, sasl: { ...SCRAM, mechanism: "plain" } },
      "error",
      "partner.password-in-clear",
      "/spec/kafka/sasl",
    ],
    [
      "a token in clear",
      { ...BROKERS, sasl: { mechanism: "oauthbearer", token: { env: "TIERMESH_HELIX_TOKEN" } } },
      "error",
      "partner.password-in-clear",
      "/spec/kafka/sasl",
    ],
    ["records in clear", BROKERS, "warning", "partner.records-in-clear", "/spec/kafka"],
  ])("is told where it is wrong: %s", (_name, kafka, severity, rule, pointer) => {
    expect(read(kafka).problems).toEqual([[severity, rule, pointer]]);
  });

  test("never quotes a secret that stands in the file", () => {
    const document = changed(
      partnerDocument({ name: "helix", card: "card.json", fingerprint }),
      "/spec/kafka",
      {
        ...BROKERS,
        tls: {},
        sasl: { ...SCRAM, password: "hunter2" },
      },
    );
    expect(JSON.stringify(readPartner(documentOf(document), companions).problems)).not.toContain("hunter2");
  });
});
