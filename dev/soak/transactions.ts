/**
 * Small transactions through the replica sink, as many and as fast as they go: does it ever stall, die, lose or double?
 * Every ten seconds a line; at the end every record is read again, read_committed, and counted. Exit code 1 when one is
 * missing, twice, or out of order, or when a stall was longer than allowed.
 *
 *     node dev/soak/transactions.ts [--count 1000000] [--seconds S] [--partitions 2] [--ahead 4] [--dialect v1|v2]
 *                                   [--kafka HOST:PORT]
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { kafkaReplicaSink } from "../../src/kafka/replica-sink.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import type { ReplicaLink, ReplicaWrite, ReplicaWriter } from "../../src/kernel/ports.ts";
import { startKafka } from "../kafka/broker.ts";

const STALL_MS = 1_000;
const STALL_MS_MAX = 10_000;
const REPORT_MS = 10_000;
const REOPEN_MS = 100;

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seconds: { type: "string" },
    partitions: { type: "string", default: "2" },
    ahead: { type: "string", default: "4" },
    dialect: { type: "string" },
    kafka: { type: "string" },
  },
});
const count = Number(options.count);
const partitions = Number(options.partitions);
const ahead = Number(options.ahead);
const dialect = options.dialect === "v1" || options.dialect === "v2" ? options.dialect : undefined;
const deadline = options.seconds === undefined ? Number.POSITIVE_INFINITY : Number(options.seconds) * 1_000;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** What happened so far. */
class Tally {
  readonly began = performance.now();
  readonly errors = new Map<string, number>();
  readonly stalls: number[] = [];
  committed = 0;
  #last = performance.now();
  #latencies: number[] = [];
  #reported = { at: performance.now(), committed: 0 };

  commit(latencyMs: number): void {
    const now = performance.now();
    if (now - this.#last > STALL_MS) this.stalls.push(Math.round(now - this.#last));
    this.#last = now;
    this.committed += 1;
    this.#latencies.push(latencyMs);
    if (now - this.#reported.at > REPORT_MS) this.report();
  }

  fail(error: unknown): void {
    const code =
      error instanceof MeshError ? `${error.code} ${error.context.fault ?? ""}`.trim() : "no MeshError";
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  report(): void {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
    const seconds = (performance.now() - this.#reported.at) / 1_000;
    const rate = ((this.committed - this.#reported.committed) / seconds).toFixed(0);
    const rss = (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
    say(
      `${this.committed} transactions, ${rate}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms, ` +
        `${this.stalls.length} stalls, errors ${JSON.stringify(Object.fromEntries(this.errors))}, ${rss} MiB`,
    );
    this.#latencies = [];
    this.#reported = { at: performance.now(), committed: this.committed };
  }
}

/** Transaction number n: one record for each partition, whose value is the number. */
function writesOf(n: number): readonly ReplicaWrite[] {
  const value = Buffer.from(String(n));
  const batch = recordCodec.encode([{ timestamp: BigInt(Date.now()), key: null, value, headers: [] }]);
  return Array.from({ length: partitions }, (_, partition) => ({
    partition,
    batch,
    count: 1,
    cursor: { partition, sequence: BigInt(n + 1), metadata: "" },
  }));
}

/** Commits from `next` on until one fails or all is done; `ahead` are asked for before the first of them is done. */
async function run(writer: ReplicaWriter, from: number, tally: Tally): Promise<void> {
  const flying = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const isOver = (): boolean => performance.now() - tally.began > deadline || failures.length > 0;
  for (let n = from; n < count && !isOver(); n += 1) {
    const asked = performance.now();
    const flight = writer
      .commit(writesOf(n))
      .then(() => tally.commit(performance.now() - asked))
      .catch((error: unknown) => void failures.push(error))
      .finally(() => flying.delete(flight));
    flying.add(flight);
    if (flying.size >= ahead) await Promise.race(flying);
  }
  await Promise.all(flying);
  await writer.close();
  if (failures.length > 0) throw failures[0];
}

/** How many records of a partition are there, each the next number; throws when one is not. */
async function verified(
  settings: KafkaSettings,
  topic: string,
  partition: number,
  total: number,
): Promise<number> {
  const source = kafkaTopicSource(settings);
  const stop = new AbortController();
  const from = (await source.positions(topic, "earliest")).filter((row) => row.partition === partition);
  const end = (await source.positions(topic, "latest"))[partition]?.offset ?? 0n;
  let next = 0;
  for await (const read of source.read(await source.describe(topic), from, stop.signal)) {
    if ("error" in read) throw read.error;
    for (const batch of read.batches)
      for (const { value } of recordCodec.decode(batch, read.from.offset, 10_000_000)) {
        const found = Buffer.from(value ?? []).toString();
        if (found !== String(next))
          throw new Error(`Partition ${partition} has ${found} where ${next} belongs.`);
        next += 1;
      }
    if (read.next.offset >= end && next >= total) stop.abort();
    else if (read.next.offset >= end)
      throw new Error(`Partition ${partition} ends after ${next} of ${total}.`);
  }
  source.close();
  return next;
}

const kafka = options.kafka === undefined ? await startKafka() : undefined;
try {
  const brokers = [options.kafka ?? kafka?.bootstrap ?? ""];
  const settings = { brokers, clientId: "soak", tls: undefined, sasl: undefined, replicationFactor: 1 };
  const topic = `soak-${Date.now()}`;
  const topicConfig = { "retention.ms": "-1" };
  const link: ReplicaLink = { topic, partitions, group: topic, transactionalId: topic, topicConfig };
  const sink = kafkaReplicaSink(settings, dialect === undefined ? {} : { dialect });
  const tally = new Tally();
  let done = 0;
  for (let isOver = false; !isOver; ) {
    try {
      const writer = await sink.open(link, new AbortController().signal);
      done = Number(writer.cursors.get(0)?.sequence ?? 0n);
      isOver = done >= count || performance.now() - tally.began > deadline;
      await (isOver ? writer.close() : run(writer, done, tally));
    } catch (error) {
      tally.fail(error);
      await sleep(REOPEN_MS);
    }
  }
  tally.report();
  const seconds = ((performance.now() - tally.began) / 1_000).toFixed(0);
  for (let partition = 0; partition < partitions; partition += 1)
    say(
      `partition ${partition}: ${await verified(settings, topic, partition, done)} records, each once and in order`,
    );
  say(`${done} transactions in ${seconds} s; stalls over ${STALL_MS} ms: ${JSON.stringify(tally.stalls)}`);
  if (tally.stalls.some((ms) => ms > STALL_MS_MAX)) process.exitCode = 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await kafka?.stop();
}
