/**
 * What a gateway costs: time to start, memory, CPU, and how late records are at the partner. Two Kafkas, two gateways, one
 * stream under contracts/material-demand, records of about 1 KB at a steady rate.
 *
 *     node dev/bench/gateway.ts [--seconds 20] [--rate 2000] [--partitions 4] [--json]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Kafka as KafkaClient, logLevel, type Producer } from "kafkajs";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { Company } from "../company/company.ts";
import { startKafka } from "../kafka/broker.ts";
import { freePorts } from "../kafka/ports.ts";
import { demand, madeAt } from "./demand.ts";
import { type Usage, usageOf } from "./memory.ts";

const CONTRACT = fileURLToPath(new URL("../../contracts/material-demand", import.meta.url));
const SOURCE = "dcm.material-demand";
const REPLICA = "aurora.material-demand";
const SLICE_MS = 10;
const DRAIN_MS_MAX = 30_000;
/** Bounds that the project sets itself. */
const START_MS_MAX = 3_000;
const MEMORY_MIB_MAX = 256;
const MIB = 1024 * 1024;

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    rate: { type: "string", default: "2000" },
    partitions: { type: "string", default: "4" },
    json: { type: "boolean", default: false },
  },
});
const [seconds, rate, partitions] = [options.seconds, options.rate, options.partitions].map(Number) as [
  number,
  number,
  number,
];

interface Side {
  readonly startMs: number;
  readonly peakMiB: number;
  readonly steadyMiB: number;
  readonly cpuS: number;
}

/**
 * Every latency in ms, in the order of arrival, until `count` came or the time is over. The first record of each partition
 * warms everything up and does not count; `onWarm` is called when they are all there.
 */
async function latencies(bootstrap: string, count: number, onWarm: () => void): Promise<readonly number[]> {
  const settings = { clientId: "bench", tls: undefined, sasl: undefined, replicationFactor: 1 };
  const source = kafkaTopicSource({ brokers: [bootstrap], ...settings });
  const found: number[] = [];
  const stop = AbortSignal.timeout(DRAIN_MS_MAX + seconds * 1000);
  const topic = await appeared(async () => await source.describe(REPLICA), stop);
  const from = await source.positions(REPLICA, "earliest");
  for await (const run of soundRuns(source.read(topic, from, stop))) {
    const now = Date.now();
    for (const batch of run.batches)
      for (const { value } of recordCodec.decode(batch, run.from.offset, 64 * MIB))
        if (value !== null) found.push(now - madeAt(value));
    if (found.length >= partitions) onWarm();
    if (found.length >= partitions + count) break;
  }
  source.close();
  return found.slice(partitions);
}

async function appeared<Value>(look: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (signal.aborted) throw error;
      await sleep(100);
    }
  }
}

/** Writes `seconds × rate` records; the bytes of their values. */
async function produce(producer: Producer): Promise<number> {
  const total = seconds * rate;
  const began = performance.now();
  let bytes = 0;
  for (let count = 0; count < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - began) * rate) / 1000), count + rate);
    const now = Date.now();
    const messages = Array.from({ length: due - count }, (_, at) => ({
      partition: (count + at) % partitions,
      key: `k${(count + at) % 5000}`,
      value: demand(count + at, now),
    }));
    for (const { value } of messages) bytes += value.length;
    for (let at = 0; at < messages.length; at += 500)
      await producer.send({ topic: SOURCE, messages: messages.slice(at, at + 500) });
    count = due;
    await sleep(SLICE_MS);
  }
  return bytes;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const sideOf = (startMs: number, before: Usage, after: Usage): Side => ({
  startMs: Math.round(startMs),
  peakMiB: after.peakMiB,
  steadyMiB: after.residentMiB,
  cpuS: Math.round((after.cpuS - before.cpuS) * 100) / 100,
});

async function bench() {
  const folder = mkdtempSync(join(tmpdir(), "tiermesh-bench-"));
  const [source, target] = await Promise.all([startKafka(), startKafka()]);
  const [one = 0, two = 0] = await freePorts(2);
  const client = new KafkaClient({ brokers: [source.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [client.admin(), client.producer()];
  const company = (short: string, id: string, kafka: string, port: number) =>
    Company.init(folder, short, { id, name: short, kafka, port });
  const aurora = await company("aurora", "urn:bpn:BPNL00000003AYRE", source.bootstrap, one);
  const helix = await company("helix", "urn:bpn:BPNL00000007QWER", target.bootstrap, two);
  try {
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic: SOURCE, numPartitions: partitions }] });
    // One after the other, so that each start is measured alone.
    const starts = [await aurora.serve(), await helix.serve()] as const;
    await onboard(aurora, helix);
    const warm = Promise.withResolvers<void>();
    const arrived = latencies(target.bootstrap, seconds * rate, warm.resolve);
    const first = Array.from({ length: partitions }, (_, partition) => ({ partition, value: demand(0, 0) }));
    await producer.send({ topic: SOURCE, messages: first });
    await warm.promise;
    const before = [usageOf(aurora.pid ?? 0), usageOf(helix.pid ?? 0)] as const;
    const began = performance.now();
    const bytes = await produce(producer);
    const producedS = (performance.now() - began) / 1000;
    const late = [...(await arrived)].sort((a, b) => a - b);
    const after = [usageOf(aurora.pid ?? 0), usageOf(helix.pid ?? 0)] as const;
    return {
      records: {
        written: seconds * rate,
        arrived: late.length,
        bytesEach: Math.round(bytes / (seconds * rate)),
      },
      perSecond: Math.round((seconds * rate) / producedS),
      latencyMs: {
        p50: quantile(late, 0.5),
        p90: quantile(late, 0.9),
        p99: quantile(late, 0.99),
        max: late.at(-1) ?? Number.NaN,
      },
      publisher: sideOf(starts[0], before[0], after[0]),
      subscriber: sideOf(starts[1], before[1], after[1]),
    };
  } finally {
    await Promise.allSettled([admin.disconnect(), producer.disconnect(), aurora.stop(), helix.stop()]);
    await Promise.allSettled([source.stop(), target.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onboard(aurora: Company, helix: Company): Promise<void> {
  const fingerprint = async (of: Company) => ["--fingerprint", await of.fingerprint()];
  const ofHelix = [...(await fingerprint(helix)), "--name", "helix", "--clearance", "confidential"];
  await aurora.must("apply", helix.cardFile, ...ofHelix, CONTRACT, "-C", aurora.folder);
  await helix.must(
    "apply",
    aurora.cardFile,
    ...(await fingerprint(aurora)),
    "--name",
    "aurora",
    "-C",
    helix.folder,
  );
  const asked = ["request", "material-demand", "--from", "aurora", "--purpose", "cx.dcm.base", "--json"];
  const { stdout } = await helix.must(...asked, "-C", helix.folder);
  await aurora.must("approve", JSON.parse(stdout).id, "-C", aurora.folder);
}

function print(report: Awaited<ReturnType<typeof bench>>): void {
  const { records, perSecond, latencyMs, publisher, subscriber } = report;
  console.log(
    `${records.arrived} of ${records.written} records of ${records.bytesEach} bytes arrived, ${perSecond} a second`,
  );
  console.log(
    `end to end: p50 ${latencyMs.p50} ms, p90 ${latencyMs.p90} ms, p99 ${latencyMs.p99} ms, longest ${latencyMs.max} ms`,
  );
  const row = (name: string, of: (side: Side) => number, bound?: number) => ({
    what: name,
    publisher: of(publisher),
    subscriber: of(subscriber),
    bound: bound ?? "",
  });
  console.table([
    row("start until gateway.started, ms", ({ startMs }) => startMs, START_MS_MAX),
    row("memory at most, MiB", ({ peakMiB }) => peakMiB, MEMORY_MIB_MAX),
    row("memory at the end, MiB", ({ steadyMiB }) => steadyMiB, MEMORY_MIB_MAX),
    row("CPU under load, s", ({ cpuS }) => cpuS),
  ]);
}

const report = await bench();
if (options.json) console.log(JSON.stringify(report, null, 2));
else print(report);
