/**
 * An agreement whose logs are long: as many frames as a busy stream has in half an hour are written into both logs, and then
 * each company has them reconciled while the stream goes on. Prints how long that took, and the gateways' memory. Exit code 1
 * when the logs are said to differ, or when the link did not go on meanwhile.
 *
 *     node dev/soak/long-log.ts [--frames 300000]
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import "../demo/quiet-timers.ts";
import { encodeDecision } from "../../src/audit/decision-codec.ts";
import { genesis } from "../../src/kernel/chain.ts";
import type { FrameDecision } from "../../src/kernel/decision.ts";
import { AURORA, HELIX } from "../../test/end-to-end/contract.ts";
import { Traffic } from "../../test/end-to-end/faults/traffic.ts";
import { kafkaClient, Pair } from "../../test/end-to-end/pair.ts";
import { peakMiBOf } from "../bench/race/processes.ts";

const { values: options } = parseArgs({ options: { frames: { type: "string", default: "300000" } } });
const frames = Number(options.frames);
/** Of a stream's partitions those that it does not have: their chains are nobody else's. */
const FIRST_PARTITION = 100;
const PARTITIONS = 4;
const RECORDS = 28;
const TOGETHER = 500;

const digestOf = (text: string): string => `sha-256:${createHash("sha256").update(text).digest("hex")}`;

/** Frame `number` of the log, in the chain of its partition. */
function frameAt(number: number, agreement: string): Omit<FrameDecision, "side" | "partner"> {
  const partition = FIRST_PARTITION + (number % PARTITIONS);
  const before = number - PARTITIONS;
  return {
    kind: "frame",
    time: new Date(Date.UTC(2026, 0, 1) + number * 6).toISOString(),
    agreement,
    contract: { id: "orders", name: "orders", version: "1.0.0", digest: digestOf("contract") },
    plan: digestOf("plan"),
    partition,
    sequence: Math.floor(number / PARTITIONS) * RECORDS,
    count: RECORDS,
    frame: digestOf(`frame ${number}`),
    body: digestOf(`body ${number}`),
    previous: before < 0 ? genesis(agreement, partition) : digestOf(`frame ${before}`),
  };
}

function summaryAt(sequence: number): NonNullable<FrameDecision["summary"]> {
  const [first, last] = [sequence, sequence + RECORDS - 1].map(String) as [string, string];
  const counts = {
    read: RECORDS,
    permitted: RECORDS,
    denied: 0,
    bytesIn: 5_000,
    bytesOut: 4_000,
    erasures: 0,
  };
  return { firstOffset: first, lastOffset: last, ...counts, fields: {}, rules: {}, denials: [] };
}

async function write(
  bootstrap: string,
  company: string,
  of: (number: number) => FrameDecision,
): Promise<void> {
  const producer = kafkaClient(bootstrap).producer();
  await producer.connect();
  for (let from = 0; from < frames; from += TOGETHER) {
    const numbers = Array.from({ length: Math.min(TOGETHER, frames - from) }, (_, at) => from + at);
    const entries = numbers.map((number) => encodeDecision(of(number), company));
    const messages = entries.map(({ key, value }) => ({ key, value: value && Buffer.from(value) }));
    await producer.send({ topic: "_tiermesh.audit", messages });
  }
  await producer.disconnect();
}

const pair = await Pair.start();
const faults: string[] = [];
try {
  const traffic = await Traffic.start(pair, { topic: "orders" });
  await write(pair.auroraKafka.bootstrap, AURORA, (number) => {
    const frame = frameAt(number, traffic.agreement);
    return { ...frame, side: "publisher", partner: HELIX, summary: summaryAt(frame.sequence) };
  });
  await write(pair.helixKafka.bootstrap, HELIX, (number) => {
    const frame = frameAt(number, traffic.agreement);
    return { ...frame, side: "subscriber", partner: AURORA, erasures: 0 };
  });
  await traffic.flows();
  for (const company of [pair.aurora, pair.helix]) {
    const told = pair.helix.log.length;
    const began = performance.now();
    const { code, stdout, stderr } = await company.run("audit", "reconcile", "-C", company.folder);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    console.log(
      `${company.name}: ${frames} frames on each side reconciled in ${seconds} s, exit code ${code}`,
    );
    if (code !== 0) faults.push(`It ended with ${code}: ${stderr}${stdout}`);
    if (pair.helix.log.slice(told).includes('"waiting"')) faults.push("The link did not go on meanwhile.");
    await traffic.flows();
  }
  for (const { name, pid } of [pair.aurora, pair.helix])
    console.log(`${name}: ${pid === undefined ? "gone" : `${Math.round(peakMiBOf(pid))} MiB at most`}`);
  await traffic.replica.stop();
} finally {
  await pair.stop();
}
for (const fault of faults) console.log(`VIOLATION: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;
