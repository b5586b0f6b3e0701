/**
 * What the policy costs on one core: the kernel, the way over JSON.parse and JSON.stringify, and the reference implementation, in
 * turn, in one process. Records a second of CPU of the one thread; memory over ten million records.
 *
 *     node dev/bench/policy.ts [--rounds 5] [--records 10000000] [--json FILE]
 */
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readJson, writeJson } from "../../src/kernel/strict-json.ts";
import { Kernel } from "../../src/policy/kernel/kernel.ts";
import { project } from "../../src/policy/redact.ts";
import { MODULE_FILE } from "../kernel/compile.ts";
import { DEMAND, demandOf, keyOf, keys, nodeOf, planOf, wide } from "./policy-cases.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    records: { type: "string", default: "10000000" },
    json: { type: "string" },
  },
});
const rounds = Math.max(3, Number(options.rounds));

/** Values that lie back to back, as in a record batch, with their starts and lengths. */
interface Batch {
  readonly values: readonly Buffer[];
  readonly bytes: Buffer;
  readonly spans: Int32Array;
}

/** As many records as a Kafka batch of some hundred kilobytes. */
const BATCH_BYTES = 256 * 1024;

function batches(records: number, weeks: number, note = 0): readonly Batch[] {
  const all = Array.from({ length: records }, (_, number) => Buffer.from(demandOf(number, weeks, note)));
  const size = Math.max(1, Math.floor(BATCH_BYTES / (all[0]?.length ?? 1)));
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => {
    const values = all.slice(at * size, (at + 1) * size);
    const spans = new Int32Array(2 * values.length);
    let start = 0;
    values.forEach(({ length }, index) => {
      spans.set([start, length], 2 * index);
      start += length;
    });
    return { values, bytes: Buffer.concat(values), spans };
  });
}

/** Takes a batch, gives the bytes that leave. */
type Way = (batch: Batch) => number;

function kernelWay(shape: Parameters<typeof nodeOf>[0]): Way {
  const loaded = new Kernel(new WebAssembly.Module(readFileSync(MODULE_FILE))).load(
    planOf(nodeOf(shape)),
    keys,
  );
  return ({ bytes, spans }) => {
    const run = loaded.run(bytes, spans);
    if (run === undefined) throw new Error("The batch is too large.");
    let left = 0;
    for (let part = run.next(); part !== undefined; part = run.next()) {
      for (let at = part.from; at < part.to; at++) {
        const length = run.outcome(at);
        if (length < 0) throw new Error(`Record ${at} is not the kernel's: ${run.fault(at)}.`);
        left += length;
      }
    }
    return left + (run.sums().fields.length === 0 ? 1 : 0);
  };
}

function referenceWay(shape: Parameters<typeof nodeOf>[0]): Way {
  const { root, limits, partner } = planOf(nodeOf(shape));
  return ({ values }) => {
    let left = 0;
    for (const value of values) {
      const read = readJson(value, limits);
      if (!read.ok) throw new Error(read.fault.code);
      const { data } = project(read.value, root, { partner, keys, sealing: undefined });
      if (data !== undefined) left += Buffer.from(writeJson(data)).length;
    }
    return left;
  };
}

/** The way that suggests itself: no check of names, types or depth, pseudonyms from a cache. */
function objectWay(): Way {
  const cache = new Map<string, string>();
  const pseudonym = (domain: string, value: string): string => {
    const name = `${domain}:${value}`;
    let known = cache.get(name);
    if (known === undefined) {
      known = createHmac("sha256", keyOf(domain)).update(value).digest("base64url").slice(0, 22);
      if (cache.size >= 100_000) cache.clear();
      cache.set(name, known);
    }
    return known;
  };
  const monday = (text: string): string => {
    const time = Date.parse(text);
    return new Date(time - ((new Date(time).getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
  };
  return ({ values }) => {
    let left = 0;
    for (const value of values) {
      const data = JSON.parse(value.toString("utf8"));
      const kept = {
        materialDemandId: pseudonym("material-demand", data.materialDemandId),
        materialNumberSupplier: data.materialNumberSupplier,
        materialNumberCustomer: pseudonym("material-number", data.materialNumberCustomer),
        supplier: data.supplier,
        unitOfMeasure: data.unitOfMeasure,
        demandSeries: data.demandSeries.map((series: { customerLocation: string; demands: [] }) => ({
          customerLocation: series.customerLocation.slice(0, 4),
          demands: series.demands.map(({ pointInTime, demand }: { pointInTime: string; demand: number }) => ({
            pointInTime: monday(pointInTime),
            demand: Math.round(demand / 100) * 100,
          })),
        })),
      };
      left += Buffer.from(JSON.stringify(kept)).length;
    }
    return left;
  };
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Ms of CPU that this thread has used: what others do on the machine at the same time does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Records a CPU second of every way, each round all of them in turn, each for at least so long: the median, and the best round. */
function race(
  ways: Readonly<Record<string, Way>>,
  given: readonly Batch[],
  secondsMin = 0.7,
): Record<string, number> {
  const records = given.reduce((sum, { values }) => sum + values.length, 0);
  const rates = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (const way of Object.values(ways)) for (const batch of given.slice(0, 8)) way(batch);
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      let passes = 0;
      const began = cpuMs();
      do {
        for (const batch of given) way(batch);
        passes++;
      } while (cpuMs() - began < secondsMin * 1000);
      rates.get(name)?.push((passes * records * 1000) / (cpuMs() - began));
    }
  }
  return Object.fromEntries(
    [...rates].flatMap(([name, each]) => [
      [name, Math.round(median(each))],
      [`${name}, best`, Math.round(Math.max(...each))],
    ]),
  );
}

const bytesEach = (given: readonly Batch[]): number =>
  Math.round(
    given.reduce((sum, { bytes }) => sum + bytes.length, 0) /
      given.reduce((sum, { values }) => sum + values.length, 0),
  );

/** Resident memory, in MiB, before and after so many records. */
function memoryOver(
  records: number,
  given: readonly Batch[],
): { beforeMiB: number; afterMiB: number; records: number } {
  const way = kernelWay(DEMAND);
  const resident = () => Math.round(process.memoryUsage.rss() / 104_857.6) / 10;
  for (const batch of given) way(batch);
  const beforeMiB = resident();
  let done = 0;
  while (done < records) {
    for (const batch of given) {
      way(batch);
      done += batch.values.length;
    }
  }
  return { beforeMiB, afterMiB: resident(), records: done };
}

const small = batches(4000, 4, 390);
const dense = batches(4000, 13);
const large = batches(600, 195);
const fewRules = {
  materialNumberSupplier: DEMAND.materialNumberSupplier,
  materialNumberCustomer: DEMAND.materialNumberCustomer,
  demandSeries: DEMAND.demandSeries,
};
const report = {
  demand: {
    bytes: bytesEach(small),
    rates: race({ kernel: kernelWay(DEMAND), objects: objectWay(), reference: referenceWay(DEMAND) }, small),
  },
  dense: {
    bytes: bytesEach(dense),
    rates: race({ kernel: kernelWay(DEMAND), objects: objectWay(), reference: referenceWay(DEMAND) }, dense),
  },
  large: {
    bytes: bytesEach(large),
    rates: race({ kernel: kernelWay(fewRules), reference: referenceWay(fewRules) }, large),
  },
  rules: race({ 8: kernelWay(DEMAND), 500: kernelWay(wide(492)) }, small),
  memory: memoryOver(Number(options.records), small),
};

const times = ({ kernel = 0, objects = 1 }: Record<string, number>): string => (kernel / objects).toFixed(1);
console.table([
  { what: `${report.demand.bytes} B, 4 weeks, 8 rules`, ...report.demand.rates },
  { what: `${report.dense.bytes} B, 13 weeks, 8 rules`, ...report.dense.rates },
  { what: `${report.large.bytes} B, 5 rules`, ...report.large.rates },
]);
console.log(`kernel against objects: ${times(report.demand.rates)} and ${times(report.dense.rates)} times`);
console.log(
  `${Math.round((report.large.bytes * (report.large.rates.kernel ?? 0)) / 1e6)} MB/s of large events`,
);
console.log(`8 rules: ${report.rules[8]} records/s, 500 rules: ${report.rules[500]} records/s`);
console.log(
  `memory: ${report.memory.beforeMiB} MiB, after ${report.memory.records} records ${report.memory.afterMiB} MiB`,
);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
