import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { gatewayDocument } from "../../src/config/gateway-document.ts";
import { readGatewayConfig } from "../../src/config/gateway-file.ts";
import { readDocument } from "../../src/document/document.ts";
import type { References } from "../../src/document/reference.ts";

const FILES: Readonly<Record<string, string>> = {
  "ca.pem": "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
  "client.pem": "-----BEGIN CERTIFICATE-----\nMIJ\n-----END CERTIFICATE-----\n",
  "client.key": "-----BEGIN EC PRIVATE KEY-----\nMIK\n-----END EC PRIVATE KEY-----\n",
  password: "correct horse\n",
  empty: "\n",
};
const MODULES: Readonly<Record<string, string>> = { "modules/our-rule.ts": "export const module = {};" };
const references: References = {
  readFile: (path) => FILES[path],
  readInside: (path) => MODULES[path],
  env: (name) => (name === "KAFKA_PASSWORD" ? "battery staple" : undefined),
};

/** Reads a file with this `spec.kafka`, and more at the place of `rest`. */
function read(kafka: string, rest = "") {
  const text = `apiVersion: tiermesh/v1
kind: Gateway
metadata: {company: urn:bpn:BPNL00000003AYRE, name: Aurora Motors}
spec:
  listen: 127.0.0.1:8443
  url: https://mesh.aurora.example:8443/
  kafka: ${kafka}
${rest}`;
  const document = readDocument(text, "gateway.yaml");
  if (!document.ok) throw new Error(JSON.stringify(document.fault));
  return readGatewayConfig(document.value, references);
}
const faults = (kafka: string, rest = "") =>
  read(kafka, rest).problems.map(({ rule, pointer, line }) => [rule, pointer, line]);

describe("the gateway's file", () => {
  test("needs little, and gets every default from the schema", () => {
    expect(read("{brokers: ['kafka:9092']}")).toEqual({
      problems: [],
      config: {
        company: "urn:bpn:BPNL00000003AYRE",
        name: "Aurora Motors",
        listen: { host: "127.0.0.1", port: 8443 },
        url: "https://mesh.aurora.example:8443",
        kafka: {
          brokers: ["kafka:9092"],
          clientId: "tiermesh",
          tls: undefined,
          sasl: undefined,
          replicationFactor: -1,
        },
        replicas: { prefix: "" },
        processes: 1,
        policy: { modules: [] },
      },
    });
  });

  test("takes certificates and passwords from files, and prints no secret", () => {
    const { config, problems } = read(
      "{brokers: ['a:1', '[::1]:2'], tls: {ca: {file: ca.pem}, cert: {file: client.pem}, key: {file: client.key}}, sasl: {mechanism: scram-sha-512, username: mesh, password: {file: password}}}",
      "  replicationFactor: 3\n  replicas: {prefix: in.}\n  processes: 16\n",
    );
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      replicas: { prefix: "in." },
      processes: 16,
      kafka: {
        brokers: ["a:1", "[::1]:2"],
        replicationFactor: 3,
        tls: { ca: expect.stringContaining("MII"), cert: expect.stringContaining("MIJ") },
      },
    });
    const sasl = config?.kafka.sasl;
    expect(sasl?.mechanism === "scram-sha-512" && sasl.password.reveal()).toBe("correct horse");
    const printed = inspect(config, { depth: 9 }) + JSON.stringify(config);
    expect(printed).not.toMatch(/correct horse|MIK/);
  });

  test("takes policy modules from its own folder", () => {
    const { config, problems } = read("{brokers: ['a:1']}", "  policy: {modules: [modules/our-rule.ts]}\n");
    expect(problems).toEqual([]);
    expect(config?.policy.modules).toMatchObject([
      { file: "modules/our-rule.ts", text: "export const module = {};", declared: { line: 8, column: 22 } },
    ]);
  });

  test("takes a password from the environment", () => {
    const { config } = read(
      "{brokers: ['a:1'], tls: {}, sasl: {mechanism: plain, username: mesh, password: {env: KAFKA_PASSWORD}}}",
    );
    const sasl = config?.kafka.sasl;
    expect(sasl?.mechanism === "plain" && sasl.password.reveal()).toBe("battery staple");
    expect(config?.kafka.tls).toEqual({
      ca: undefined,
      cert: undefined,
      key: undefined,
      serverName: undefined,
    });
  });

  test("reads a token anew for each connection, and says so when it is gone", async () => {
    const tokens = ["first", "second", "third"];
    const document = readDocument(
      gatewayDocument({
        company: "urn:x-test:a",
        name: "A",
        listen: "[::1]:0",
        url: "https://a.example",
        brokers: ["a:1"],
      }).replace("brokers:", "sasl: {mechanism: oauthbearer, token: {file: token}}\n    brokers:"),
      "gateway.yaml",
    );
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    const { config, problems } = readGatewayConfig(document.value, {
      ...references,
      readFile: () => tokens.shift(),
    });
    expect(problems).toEqual([]);
    const sasl = config?.kafka.sasl;
    if (sasl?.mechanism !== "oauthbearer") throw new Error("It is another mechanism.");
    expect((await sasl.token()).reveal()).toBe("second");
    expect((await sasl.token()).reveal()).toBe("third");
    await expect(sasl.token()).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  test("warns when a password would cross the network in clear", () => {
    const { config, problems } = read(
      "{brokers: ['a:1'], sasl: {mechanism: plain, username: mesh, password: {file: password}}}",
    );
    expect(config).toBeDefined();
    expect(problems).toMatchObject([{ severity: "warning", rule: "gateway.password-in-clear", line: 7 }]);
  });
});

describe("a wrong gateway's file", () => {
  const sasl = (rest: string) =>
    `{brokers: ['a:1'], tls: {}, sasl: {mechanism: scram-sha-256, username: mesh, ${rest}}}`;
  test.each<[string, string, string, readonly unknown[]]>([
    [
      "a literal password",
      sasl("password: hunter2"),
      "",
      [["gateway.literal-secret", "/spec/kafka/sasl/password", 7]],
    ],
    [
      "a literal certificate",
      "{brokers: ['a:1'], tls: {ca: MII}}",
      "",
      [["gateway.literal-text", "/spec/kafka/tls/ca", 7]],
    ],
    [
      "a file that is not there",
      sasl("password: {file: nowhere}"),
      "",
      [["gateway.reference", "/spec/kafka/sasl/password", 7]],
    ],
    [
      "a file that is empty",
      sasl("password: {file: empty}"),
      "",
      [["gateway.reference", "/spec/kafka/sasl/password", 7]],
    ],
    [
      "a variable that is not set",
      sasl("password: {env: NOT_SET}"),
      "",
      [["gateway.reference", "/spec/kafka/sasl/password", 7]],
    ],
    [
      "a file and a variable at once",
      sasl("password: {file: password, env: KAFKA_PASSWORD}"),
      "",
      [["gateway.size", "/spec/kafka/sasl/password", 7]],
    ],
    [
      "a key without its certificate",
      "{brokers: ['a:1'], tls: {key: {file: client.key}}}",
      "",
      [["gateway.required", "/spec/kafka/tls", 7]],
    ],
    [
      "a certificate that is a key",
      "{brokers: ['a:1'], tls: {ca: {file: client.key}}}",
      "",
      [["gateway.pem", "/spec/kafka/tls/ca", 7]],
    ],
    [
      "a password for a token",
      "{brokers: ['a:1'], sasl: {mechanism: oauthbearer, password: {file: password}}}",
      "",
      [
        ["gateway.required", "/spec/kafka/sasl", 7],
        ["gateway.unknown-key", "/spec/kafka/sasl/password", 7],
      ],
    ],
    [
      "an unknown mechanism",
      "{brokers: ['a:1'], sasl: {mechanism: gssapi}}",
      "",
      [["gateway.value", "/spec/kafka/sasl/mechanism", 7]],
    ],
    ["no broker", "{brokers: []}", "", [["gateway.size", "/spec/kafka/brokers", 7]]],
    [
      "a broker without port",
      "{brokers: ['a:1', kafka]}",
      "",
      [["gateway.format", "/spec/kafka/brokers/1", 7]],
    ],
    ["a broker with port 0", "{brokers: ['a:0']}", "", [["gateway.format", "/spec/kafka/brokers/0", 7]]],
    [
      "a replication factor of 0",
      "{brokers: ['a:1']}",
      "  replicationFactor: 0\n",
      [["gateway.form", "/spec/replicationFactor", 8]],
    ],
    ["no process", "{brokers: ['a:1']}", "  processes: 0\n", [["gateway.range", "/spec/processes", 8]]],
    ["too many", "{brokers: ['a:1']}", "  processes: 17\n", [["gateway.range", "/spec/processes", 8]]],
    [
      "a policy module that is not there",
      "{brokers: ['a:1']}",
      "  policy: {modules: [modules/other.ts]}\n",
      [["gateway.module-missing", "/spec/policy/modules/0", 8]],
    ],
    [
      "a policy module named twice",
      "{brokers: ['a:1']}",
      "  policy: {modules: [modules/our-rule.ts, modules/our-rule.ts]}\n",
      [["gateway.unique", "/spec/policy/modules", 8]],
    ],
    [
      "a prefix with a slash",
      "{brokers: ['a:1']}",
      "  replicas: {prefix: a/}\n",
      [["gateway.format", "/spec/replicas/prefix", 8]],
    ],
  ])("is told about %s", (_, kafka, rest, expected) => {
    const { config } = read(kafka, rest);
    expect(config).toBeUndefined();
    expect(faults(kafka, rest)).toEqual(expected);
  });

  test("never has a secret quoted", () => {
    expect(JSON.stringify(read(sasl("password: hunter2")).problems)).not.toContain("hunter2");
    expect(JSON.stringify(read(sasl("password: [hunter2]")).problems)).not.toContain("hunter2");
  });

  test("gets all its problems at once, in their order, with the nearest known name", () => {
    const text = `apiVersion: tiermesh/v1
kind: Gateway
metadata: {company: BPNL00000003AYRE, name: A}
spec:
  listen: everywhere
  url: http://mesh.aurora.example
  kafka:
    broker: [a:1]
  replica: {}
`;
    const document = readDocument(text, "gateway.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    const { problems } = readGatewayConfig(document.value, references);
    expect(problems.map(({ rule, line, mend }) => [line, rule, mend])).toEqual([
      [3, "gateway.format", expect.stringContaining("urn:bpn:")],
      [5, "gateway.format", expect.stringContaining("0.0.0.0:8443")],
      [6, "gateway.format", expect.stringContaining("https://")],
      [8, "gateway.required", "Add `brokers`."],
      [8, "gateway.unknown-key", "Did you mean `brokers`?"],
      [9, "gateway.unknown-key", "Did you mean `replicas`?"],
    ]);
  });
});

describe("a new gateway.yaml", () => {
  test("reads as what it was made of, whatever the name", () => {
    const fields = {
      company: "urn:bpn:BPNL00000003AYRE",
      name: 'Aurora: "Motors" # 1',
      listen: "0.0.0.0:8443",
      url: "https://mesh.aurora.example:8443",
      brokers: ["a:1", "b:2"],
    };
    const document = readDocument(gatewayDocument(fields), "gateway.yaml");
    if (!document.ok) throw new Error(JSON.stringify(document.fault));
    const { config, problems } = readGatewayConfig(document.value, references);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      company: fields.company,
      name: fields.name,
      url: fields.url,
      listen: { host: "0.0.0.0", port: 8443 },
      kafka: { brokers: fields.brokers },
    });
  });
});
