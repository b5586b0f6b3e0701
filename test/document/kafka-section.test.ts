import { describe, expect, test } from "vitest";
import { kafkaSettings } from "../../src/document/kafka-section.ts";
import type { KafkaSection } from "../../src/kernel/kafka-section.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const BROKERS = ["kafka.example:9093"];

/** What the files hold; a test may change it. */
let files: Record<string, string>;
const settingsOf = (section: Omit<KafkaSection, "brokers">) => {
  files = { "ca.pem": PEM, password: "right\n", token: "first", empty: "" };
  const env = (name: string) => (name === "PASSWORD" ? "of the environment" : undefined);
  return kafkaSettings({ brokers: BROKERS, ...section }, { readFile: (path) => files[path], env });
};

describe("a Kafka section", () => {
  test("that says nothing has no TLS and no credentials", () => {
    const settings = { brokers: BROKERS, clientId: "tiermesh", tls: undefined, sasl: undefined };
    expect(settingsOf({})).toEqual(settings);
  });

  test.each([
    ["a file, without its line break", { file: "password" }, "right"],
    ["the environment", { env: "PASSWORD" }, "of the environment"],
  ])("has its password from %s", (_name, password, found) => {
    const { sasl } = settingsOf({ sasl: { mechanism: "scram-sha-512", username: "aurora", password } });
    expect(sasl?.mechanism === "scram-sha-512" && sasl.password.reveal()).toBe(found);
  });

  test("has another token once the file holds another one", async () => {
    const { sasl } = settingsOf({ sasl: { mechanism: "oauthbearer", token: { file: "token" } } });
    if (sasl?.mechanism !== "oauthbearer") throw new Error("It has a token.");
    expect((await sasl.token()).reveal()).toBe("first");
    files.token = "second";
    expect((await sasl.token()).reveal()).toBe("second");
  });

  test.each<[string, Omit<KafkaSection, "brokers">, RegExp]>([
    ["is not there", { tls: { ca: { file: "none" } } }, /The file none can't be read/],
    ["holds nothing", { tls: { ca: { file: "empty" } } }, /The file empty holds nothing/],
    [
      "is no certificate",
      { tls: { ca: { file: "password" } } },
      /In the file password there is no PEM block of a certificate/,
    ],
    [
      "is no key",
      { tls: { cert: { file: "ca.pem" }, key: { file: "ca.pem" } } },
      /In the file ca\.pem there is no PEM block of a private key/,
    ],
    [
      "is no variable",
      { sasl: { mechanism: "oauthbearer", token: { env: "NONE" } } },
      /The environment variable NONE can't be read/,
    ],
  ])("says when what it refers to %s", (_name, section, says) => {
    expect(() => settingsOf(section)).toThrow(
      expect.objectContaining({ code: "FILE_UNREADABLE", message: expect.stringMatching(says) }),
    );
  });
});
