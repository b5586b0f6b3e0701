import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sweep } from "./cluster.ts";
import type { Contestant, Runner, Scene } from "./contestant.ts";
import { type DrainFigures, isNoisy, type LatencyFigures, type Noise, type Outcome } from "./figures.ts";
import { peakMiBOf, stolenS, strangersCpuS, treeOf } from "./processes.ts";
import type { Window } from "./profile.ts";

/** How long the machine is watched before a run. */
const WATCH_MS = 2_000;

/** What a course finds out about one contestant. */
export interface Finding {
  readonly outcome: Outcome;
  /** What happened, where the outcome is not `complete`. */
  readonly why?: string;
  /** Records that should be on the target, and that are. */
  readonly expected: number;
  readonly found: number;
  /** Offsets of the target that hold no record: a marker for each transaction and partition. */
  readonly markers?: number;
  readonly drain?: DrainFigures;
  /** From the first record to the last by the monotonic clock of the system, microseconds: what a CPU profile is read for. */
  readonly window?: Window;
  readonly latency?: LatencyFigures;
}

/** One run of one contestant: a row of the race's JSON. */
export interface RunRow extends Finding {
  readonly contestant: string;
  readonly round: number;
  /** RFC 3339. */
  readonly startedAt: string;
  /** Most resident memory of each process and its children, MiB. */
  readonly peakMiB: Readonly<Record<string, number>>;
  readonly noise: Noise;
  readonly isNoisy: boolean;
}

/** What is done with a contestant that is ready: drain or latency. */
export type Course = (runner: Runner, scene: Scene) => Promise<Finding>;

/** Prepares, watches the machine, runs, stops, and removes every topic of the run but those to keep. */
export async function run(
  contestant: Contestant,
  round: number,
  where: Omit<Scene, "run"> & { readonly keep: readonly string[] },
  course: Course,
): Promise<RunRow> {
  const name = `r${round}${contestant.name.replaceAll(/[^a-z0-9]/g, "")}`;
  const scene: Scene = { ...where, folder: join(where.folder, name), run: name };
  mkdirSync(scene.folder, { recursive: true });
  try {
    const runner = await contestant.prepare(scene);
    try {
      const watched = countersNow();
      await sleep(WATCH_MS, undefined, { signal: scene.signal });
      const began = countersNow();
      const startedAt = new Date().toISOString();
      const finding = await course(runner, scene);
      const noise = noiseOf(watched, began, countersNow());
      return {
        contestant: contestant.name,
        round,
        startedAt,
        ...finding,
        peakMiB: peaksOf(runner),
        noise,
        isNoisy: isNoisy(noise),
      };
    } finally {
      await runner.stop();
    }
  } finally {
    await Promise.all([sweep(scene.source.bootstrap, where.keep), sweep(scene.target.bootstrap, [])]);
  }
}

/** Seconds so far. */
const countersNow = () => ({
  atS: performance.now() / 1000,
  strangersS: strangersCpuS(),
  stolenS: stolenS(),
});
type Counters = ReturnType<typeof countersNow>;

function noiseOf(watched: Counters, began: Counters, ended: Counters): Noise {
  const cores = (from: Counters, to: Counters, counter: "strangersS" | "stolenS"): number =>
    Math.max(0, (to[counter] - from[counter]) / (to.atS - from.atS));
  return {
    beforeCores: cores(watched, began, "strangersS"),
    duringCores: cores(began, ended, "strangersS"),
    stolenCores: cores(began, ended, "stolenS"),
  };
}

const peaksOf = ({ pids }: Runner): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(pids).map(([role, pid]) => [
      role,
      treeOf([pid]).reduce((sum, each) => sum + peakMiBOf(each), 0),
    ]),
  );
