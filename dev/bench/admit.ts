/**
 * What `admit` costs on one core, from a run of committed batches to the batch that leaves, checksums of the source left out: by the kernel
 * and, with --reference, by the reference implementation. CPU of this thread.
 *
 *     node dev/bench/admit.ts [--seconds 1] [--rounds 3] [--only NAME] [--reference] [--json FILE]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { type Admit, referenceAdmit } from "../../src/mesh/admit.ts";
import { kernelAdmit } from "../../src/mesh/kernel-admit.ts";
import { kernelModule } from "../../src/mesh/kernel-module.ts";
import { ADMIT_CASES, type AdmitCase } from "./admit-cases.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    reference: { type: "boolean", default: false },
    json: { type: "string" },
  },
});

const NOW = Date.UTC(2026, 10, 23);
const ways: Readonly<Record<string, Admit>> = {
  kernel: kernelAdmit(recordCodec, kernelModule()),
  ...(options.reference && { reference: referenceAdmit(recordCodec) }),
};

/** Ms of CPU that this thread has used. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** All runs of a case once: records, bytes of values, bytes that leave. */
function pass(admit: Admit, { route, runs, valueBytes, records }: AdmitCase) {
  let left = 0;
  let count = 0;
  for (const run of runs) {
    const admitted = admit(run, route, count, NOW);
    count += admitted.count;
    left += admitted.body?.length ?? 0;
  }
  if (count !== records) throw new Error(`${count} of ${records} records left.`);
  return { left, valueBytes };
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function measure(name: string, way: string, admit: Admit, each: AdmitCase) {
  const { left } = pass(admit, each);
  const perRecord: number[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const began = cpuMs();
    let passes = 0;
    while (cpuMs() - began < Number(options.seconds) * 1000) {
      pass(admit, each);
      passes++;
    }
    perRecord.push(((cpuMs() - began) * 1000) / (passes * each.records));
  }
  const us = median(perRecord);
  const bytes = each.valueBytes / each.records;
  return {
    case: name,
    way,
    "value B": Math.round(bytes),
    "left B": Math.round(left / each.records),
    "µs/record": Number(us.toFixed(3)),
    best: Number(Math.min(...perRecord).toFixed(3)),
    "records/s": Math.round(1e6 / us),
    "MB/s": Math.round(bytes / us),
    "CPU-s/GB": Number(((us / bytes) * 1000).toFixed(2)),
  };
}

const chosen = Object.entries(ADMIT_CASES).filter(([name]) => name.includes(options.only ?? ""));
const report = chosen.flatMap(([name, make]) => {
  const each = make();
  return Object.entries(ways).map(([way, admit]) => measure(name, way, admit, each));
});
console.table(report);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
