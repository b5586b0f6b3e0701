/**
 * MirrorMaker 2 against tiermesh, on the same two brokers and the same records, one after another, in rounds. Prints a table;
 * `--json` keeps every run, `--svg` draws the medians. Takes some minutes; ^C ends all that it started.
 *
 *     node dev/bench/race.ts --rounds 3 --json race.json --svg race.svg
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import "../demo/quiet-timers.ts";
import { KAFKA_VERSION } from "../kafka/artifacts.ts";
import { type Kafka, startKafka } from "../kafka/broker.ts";
import { makeTopic, sweep } from "./race/cluster.ts";
import { CONTESTANTS, REFERENCE } from "./race/contestants.ts";
import { drain } from "./race/drain.ts";
import { latency } from "./race/latency.ts";
import { type RaceOptions, readOptions, USAGE } from "./race/options.ts";
import { type Panel, plotOf } from "./race/plot.ts";
import { topOf } from "./race/profile.ts";
import { type Course, type RunRow, run } from "./race/run.ts";
import { type Loaded, loadSource, SOURCE_TOPIC } from "./race/source.ts";
import { MEASURES, standings, tableOf } from "./race/table.ts";

/** As a broker runs at a company, not as a test wants it: the JVM's second compiler too. What is deleted goes at once. */
const BROKER = {
  jvmOptions: ["-XX:TieredStopAtLevel=4"],
  settings: { "log.segment.delete.delay.ms": "1000" },
};

/**
 * The round before the first counts for nothing. In it the brokers' JVMs compile what each contestant makes them do: it costs
 * them more than the work itself, and whoever comes first would pay for all.
 */
const WARM_UP = 0;
/** At a steady pace it takes the JVMs longer to compile what they do. */
const WARM_UP_TIMES = { drain: 1, latency: 3 } as const;

const PANELS = {
  drain: {
    megabytesPerS: "Throughput, MB/s (more is better)",
    cpuSPerGb: "CPU, seconds per GB (less is better)",
  },
  latency: { p50: "Latency, p50 in ms (less is better)", p99: "Latency, p99 in ms (less is better)" },
} as const;

async function race(options: RaceOptions, signal: AbortSignal): Promise<readonly RunRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "tiermesh-race-"));
  const brokers: Kafka[] = [];
  try {
    const started = await Promise.allSettled([startKafka(BROKER), startKafka(BROKER)]);
    for (const each of started) if (each.status === "fulfilled") brokers.push(each.value);
    const [source, target] = brokers;
    if (source === undefined || target === undefined) throw new Error("The two brokers did not start.");
    return await rounds(options, { source, target, folder }, signal);
  } finally {
    await Promise.allSettled(brokers.map((broker) => broker.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rounds(
  options: RaceOptions,
  where: { readonly source: Kafka; readonly target: Kafka; readonly folder: string },
  signal: AbortSignal,
): Promise<readonly RunRow[]> {
  const rows: RunRow[] = [];
  const loaded =
    options.mode === "drain"
      ? await loadSource(where.source.bootstrap, options, where.folder, signal)
      : undefined;
  for (let round = WARM_UP; round <= options.rounds; round++) {
    for (const contestant of CONTESTANTS.filter(({ name }) => options.contestants.includes(name))) {
      const times = round === WARM_UP ? WARM_UP_TIMES[options.mode] : 1;
      const asked = { ...options, records: times * options.records };
      const { course, keep } = await courseOf(asked, loaded, where.source.bootstrap);
      const profile = options.profile === undefined ? undefined : resolve(options.profile);
      const row = await run(contestant, round, { ...where, profile, keep, signal }, course);
      if (round > WARM_UP) rows.push(row);
      console.log(lineOf(row));
    }
  }
  return rows;
}

/** A drain reads the topic that was loaded once; each latency run has one of its own. */
async function courseOf(
  options: RaceOptions,
  loaded: Loaded | undefined,
  bootstrap: string,
): Promise<{ readonly course: Course; readonly keep: readonly string[] }> {
  if (loaded !== undefined) return { course: drain(loaded), keep: [SOURCE_TOPIC] };
  await sweep(bootstrap, []);
  await makeTopic(bootstrap, SOURCE_TOPIC, options.partitions);
  return { course: latency(options), keep: [] };
}

function lineOf({ contestant, round, outcome, why, drain, latency, isNoisy }: RunRow): string {
  const told =
    drain === undefined
      ? latency && `p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms`
      : `${drain.megabytesPerS.toFixed(0)} MB/s, ${drain.cpuSPerGb.toFixed(2)} CPU s/GB`;
  const turn = round > WARM_UP ? `round ${round}` : "warm-up";
  return [`${turn}, ${contestant}: ${outcome}`, told, why, isNoisy ? "noisy" : undefined]
    .filter((part) => part !== undefined)
    .join(", ");
}

/** Where and with what it was run. */
const machine = () => ({
  processors: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  kafka: KAFKA_VERSION,
});

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => stop.abort(new Error(`Ended by ${signal}.`)));

const options = readOptions(
  process.argv.slice(2),
  CONTESTANTS.map(({ name }) => name),
);
if (options.ok)
  await tell(options.value).catch((error: Error) => {
    console.error(stop.signal.aborted ? stop.signal.reason.message : error);
    process.exitCode = 1;
  });
else {
  console.error(`${options.fault}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function tell(options: RaceOptions): Promise<void> {
  const date = new Date().toISOString();
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const rows = await race(options, stop.signal);
  const measures = MEASURES[options.mode];
  const all = standings(
    rows,
    CONTESTANTS.filter(({ name }) => options.contestants.includes(name)),
    measures,
  );
  console.log(`\n${tableOf(all, measures, REFERENCE)}\n`);
  const command = ["node dev/bench/race.ts", ...process.argv.slice(2)].join(" ");
  const report = { command, date, machine: machine(), options, standings: all, rows };
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.svg !== undefined) {
    const panels: readonly Panel[] = Object.entries(PANELS[options.mode]).flatMap(([name, title]) =>
      measures.filter((measure) => measure.name === name).map((measure) => ({ title, measure })),
    );
    const heading = `${options.mode === "drain" ? "Drain of a topic" : "1,000 records a second"}, ${options.recordBytes} bytes, ${options.partitions} partitions`;
    const footer = `${date.slice(0, 10)}, ${report.machine.processors}, Kafka ${KAFKA_VERSION}; × to MirrorMaker 2 exactly once`;
    writeFileSync(options.svg, plotOf(all, panels, { heading, reference: REFERENCE, footer }));
  }
  if (options.profile !== undefined)
    console.log(
      topOf(
        options.profile,
        rows.flatMap(({ window }) => window ?? []),
      ),
    );
}
