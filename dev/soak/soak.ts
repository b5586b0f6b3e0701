/**
 * Two companies with a broker and a gateway each, a steady load, and a fault every few seconds, which the seed chooses. At
 * the end every permitted record must be in the replica exactly once and in order, both logs must reconcile, no gateway may
 * have told a defect, and no gateway's memory may have grown. Exit code 1 when one of these does not hold.
 *
 *     node dev/soak/soak.ts [--minutes 30] [--rate 5000] [--fault-every 20] [--seed N] [--out soak.json]
 */
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SUBSCRIBER } from "../../test/end-to-end/contract.ts";
import { proxiedPair } from "../../test/end-to-end/faults/proxied-pair.ts";
import { Traffic } from "../../test/end-to-end/faults/traffic.ts";
import { seeded } from "../../test/end-to-end/seeded.ts";
import { FAULTS, type World } from "./faults.ts";
import { MemoryCurve } from "./memory-curve.ts";

const PARTITIONS = 4;
const SAMPLE_MS = 2_000;
/** The load of a busy source: records come all the time. */
const SLICE_MS = 25;
/** A stream that does not flow so long after a fault has passed is stuck. */
const FLOWS_MS = 90_000;
/** What a backlog may take at the end. */
const END_MS = 300_000;
const NOTE = "x".repeat(120);
/** What the operating system or a person did is no defect. */
const DEFECT = /"code":"INTERNAL"|"gateway\.failed"|\n {4}at /;

interface Struck {
  readonly atS: number;
  readonly fault: string;
  /** From when the fault had passed until every partition brought new records; null: it did not. */
  readonly flowsAfterMs: number | null;
}

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    rate: { type: "string", default: "5000" },
    "fault-every": { type: "string", default: "20" },
    seed: { type: "string" },
    out: { type: "string" },
  },
});
const seed = options.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(options.seed);
const [minutes, rate, everyS] = [options.minutes, options.rate, options["fault-every"]].map(Number) as [
  number,
  number,
  number,
];

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Small, so that the disk holds half an hour; every tenth is another supplier's, every 97th is no JSON. */
function smallRecord(number: number): string {
  if (number % 97 === 0) return `{"number": ${number}, "supplier": `;
  const supplier = number % 10 === 3 ? "BPNL0000000OTHER" : SUBSCRIBER;
  return JSON.stringify({ number, supplier, note: NOTE, price: 12.5 });
}

/** Strikes until the time is over. Every kind comes once before one comes again. */
async function strike(world: World, traffic: Traffic, random: () => number): Promise<readonly Struck[]> {
  const began = performance.now();
  const secondsIn = (): number => (performance.now() - began) / 1_000;
  const struck: Struck[] = [];
  let left: string[] = [];
  for (let at = everyS; at < minutes * 60; at += everyS) {
    await sleep(Math.max(0, at - secondsIn()) * 1_000);
    if (left.length === 0) left = Object.keys(FAULTS);
    const [fault = ""] = left.splice(Math.floor(random() * left.length), 1);
    const atS = Math.round(secondsIn());
    await FAULTS[fault]?.(world);
    const flowsAfterMs = await traffic.flows(FLOWS_MS).catch(() => null);
    struck.push({ atS, fault, flowsAfterMs });
    say(`${String(atS).padStart(5)} s  ${fault.padEnd(36)} ${flowsAfterMs ?? "does not flow"} ms`);
    if (flowsAfterMs === null) return struck;
  }
  await sleep(Math.max(0, minutes * 60 - secondsIn()) * 1_000);
  return struck;
}

async function reconciled({ pair }: World): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const company of [pair.aurora, pair.helix]) {
    const { code } = await company.run("audit", "reconcile", "-C", company.folder);
    if (code !== 0) violations.push(`\`audit reconcile\` of ${company.name} ends with ${code}.`);
    if (DEFECT.test(company.log)) violations.push(`The gateway of ${company.name} told a defect.`);
  }
  return violations;
}

/** What a violation can be explained by goes with the pair, unless it is copied before. */
function keepLogs({ aurora, helix, auroraKafka, helixKafka }: World["pair"]): void {
  const folder = mkdtempSync(join(tmpdir(), "tiermesh-soak-"));
  const logs = {
    "publisher-gateway": aurora,
    "subscriber-gateway": helix,
    "publisher-broker": auroraKafka,
    "subscriber-broker": helixKafka,
  };
  for (const [name, { logFile }] of Object.entries(logs)) copyFileSync(logFile, join(folder, `${name}.log`));
  say(`The logs are in ${folder}.`);
}

say(`seed ${seed}, ${minutes} minutes, ${rate} records/s, a fault every ${everyS} s`);
const random = seeded(seed);
const { pair, proxy } = await proxiedPair(random);
const violations: string[] = [];
try {
  const traffic = await Traffic.start(pair, {
    topic: "soak",
    partitions: PARTITIONS,
    perSecond: rate,
    sliceMs: SLICE_MS,
    record: smallRecord,
  });
  const world = { pair, proxy, agreement: traffic.agreement };
  const gateways = ["publisher's gateway", "subscriber's gateway"] as const;
  const pids = {
    [gateways[0]]: () => pair.aurora.pid,
    [gateways[1]]: () => pair.helix.pid,
    "publisher's broker": () => pair.auroraKafka.pid,
    "subscriber's broker": () => pair.helixKafka.pid,
  };
  const memory = new MemoryCurve(pids, SAMPLE_MS);
  const struck = await strike(world, traffic, random);
  memory.stop();
  const stuck = struck.filter(({ flowsAfterMs }) => flowsAfterMs === null);
  violations.push(...stuck.map(({ fault }) => `The stream does not flow after: ${fault}.`));
  const differences = await traffic.differences(END_MS);
  violations.push(...differences.map((each) => `Not exactly once: ${JSON.stringify(each)}`));
  violations.push(...(await reconciled(world)));
  const { curves, samples } = memory;
  const grown = curves.filter((curve) => !curve.isFlat && gateways.some((name) => name === curve.process));
  violations.push(...grown.map((curve) => `The memory of the ${curve.process} has grown.`));
  const replicated = traffic.replica.entries.length;
  const { written } = traffic;
  say(`${written} records written, ${replicated} in the replica, ${struck.length} faults`);
  for (const { process: name, maxMiB, thirdsMiB } of curves)
    say(`${name.padEnd(22)} max ${maxMiB} MiB, medians of the thirds ${thirdsMiB.join(", ")} MiB`);
  const report = { seed, minutes, rate, everyS, written, replicated, struck, curves, violations, samples };
  if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);
} catch (error) {
  violations.push(error instanceof Error ? error.message : String(error));
} finally {
  if (violations.length > 0) keepLogs(pair);
  await pair.stop();
  await proxy.stop();
}
for (const violation of violations) say(`VIOLATION: ${violation}`);
say(violations.length === 0 ? "no violation" : `${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
