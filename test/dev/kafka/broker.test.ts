import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Kafka as Client, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Kafka, startKafka } from "../../../dev/kafka/broker.ts";
import { consoleConsumer, kafkaTool } from "../../../dev/kafka/console.ts";

const clientOf = (bootstrap: string) => new Client({ brokers: [bootstrap], logLevel: logLevel.NOTHING });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function answers(address: string): Promise<boolean> {
  const [host = "", port = ""] = address.split(":");
  const socket = connect(Number(port), host);
  const open = await Promise.race([once(socket, "connect"), once(socket, "close")]).then(
    () => !socket.destroyed,
    () => false,
  );
  socket.destroy();
  return open;
}

describe("a Kafka of its own", () => {
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = await startKafka({ settings: { "num.partitions": "7" }, listeners: { OTHER: "PLAINTEXT" } });
  });
  afterAll(() => kafka.stop());

  test("keeps what was committed just before a kill, and its address, through the restart", async () => {
    const client = clientOf(kafka.bootstrap);
    const [admin, producer] = [
      client.admin(),
      client.producer({ transactionalId: "t", idempotent: true, maxInFlightRequests: 1 }),
    ];
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic: "kept", numPartitions: 1 }], waitForLeaders: true });
    const transaction = await producer.transaction();
    await transaction.send({
      topic: "kept",
      messages: [{ key: "k", value: "v", headers: { h: "1" }, timestamp: "1000" }],
    });
    await transaction.commit();
    const before = { pid: kafka.pid, bootstrap: kafka.bootstrap };
    kafka.kill();
    await Promise.all([admin.disconnect(), producer.disconnect()]);
    await kafka.restart();
    expect(kafka.pid).not.toBe(before.pid);
    expect(kafka.bootstrap).toBe(before.bootstrap);
    const lines = await consoleConsumer(kafka.bootstrap, "kept", { max: 1, timeoutMs: 20_000 });
    expect(lines).toEqual(["CreateTime:1000\tPartition:0\tOffset:0\th:1\tk\tv"]);
  }, 60_000);

  test("takes settings and further listeners, each at a port of its own", async () => {
    const admin = clientOf(kafka.listeners.OTHER ?? "").admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "seven" }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: ["seven"] });
    await admin.disconnect();
    expect(topics[0]?.partitions).toHaveLength(7);
    expect(kafka.listeners.OTHER).not.toBe(kafka.bootstrap);
  });

  test("runs Kafka's own tools, and says what a tool said when it fails", async () => {
    const args = ["--bootstrap-server", kafka.bootstrap, "--describe", "--topic", "no-such-topic"];
    await expect(kafkaTool("org.apache.kafka.tools.TopicCommand", args)).rejects.toThrow("no-such-topic");
  });
});

test("a Kafka that is stopped leaves no process, no open port and no directory", async () => {
  const kafka = await startKafka();
  const { pid } = kafka;
  expect(await answers(kafka.bootstrap)).toBe(true);
  await kafka.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await answers(kafka.bootstrap)).toBe(false);
  expect(existsSync(kafka.directory)).toBe(false);
});

test("a Kafka that can't start says why, with the end of its log", async () => {
  const secret = randomBytes(4).toString("hex");
  await expect(startKafka({ settings: { "process.roles": secret } })).rejects.toThrow(
    /did not start \(exit code 1\)[\s\S]+process\.roles/,
  );
});

test("a Kafka is gone, with its directory, when the process that started it is killed", async () => {
  const broker = fileURLToPath(new URL("../../../dev/kafka/broker.ts", import.meta.url));
  const program = `import { startKafka } from ${JSON.stringify(broker)};
    const { pid, directory } = await startKafka(); console.log(JSON.stringify({ pid, directory }));`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(parent.stdout), "line");
  const { pid, directory }: { pid: number; directory: string } = JSON.parse(line);
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect([isAlive(pid), existsSync(directory)]).toEqual([false, false]), 10_000);
});
