import { setTimeout as sleep } from "node:timers/promises";
import { countRecords, WatchedTopic } from "./cluster.ts";
import type { Runner, Scene } from "./contestant.ts";
import { type DrainFigures, drainFigures, outcomeOf, type Sample } from "./figures.ts";
import { cpuOf, treeOf } from "./processes.ts";
import type { Window } from "./profile.ts";
import type { Course, Finding } from "./run.ts";
import type { Loaded } from "./source.ts";

const LOOK_MS = 50;
/** All is there, markers too, when nothing came for so long. */
const SETTLED_S = 3;
/** A contestant that brings nothing for so long has stalled. Its start may take longer. */
const STALLED_S = 30;
const START_S_MAX = 60;
/** Children come and go seldom. */
const LOOKS_BETWEEN_TREES = 20;
/** The log of a contestant is read seldom. */
const LOOKS_BETWEEN_FAULTS = 10;

/** The whole source topic from start to end: how fast, and at what cost. */
export const drain =
  (loaded: Loaded): Course =>
  async (runner, scene) => {
    const { signal } = scene;
    const watched = new WatchedTopic(scene.target.bootstrap, runner.replica);
    try {
      const beganUs = Number(process.hrtime.bigint() / 1000n);
      const began = performance.now();
      await runner.start();
      const { samples, why, outcome } = await watch(runner, scene, watched, began, loaded.records);
      const found = await countRecords(scene.target.bootstrap, runner.replica, signal);
      const markers = (samples.at(-1)?.end ?? 0) - found;
      const finding = { expected: loaded.records, found, markers };
      if (outcome !== undefined) return { ...finding, outcome, why };
      const drain = drainFigures(samples, loaded);
      return {
        ...finding,
        ...verdict(found, loaded.records, runner),
        ...(drain !== undefined && { drain, window: windowOf(beganUs, drain) }),
      };
    } finally {
      watched.close();
    }
  };

const windowOf = (beganUs: number, { startToFirstS, drainS }: DrainFigures): Window => ({
  fromUs: beganUs + startToFirstS * 1e6,
  toUs: beganUs + (startToFirstS + drainS) * 1e6,
});

function verdict(found: number, expected: number, runner: Runner): Pick<Finding, "outcome" | "why"> {
  const outcome = outcomeOf(found, expected);
  return outcome === "complete"
    ? { outcome }
    : { outcome, why: `${found} of ${expected} records are there. ${runner.lastWords()}` };
}

/** Looks until all seems to be there, or it never will be. */
async function watch(
  runner: Runner,
  { source, target, signal }: Scene,
  watched: WatchedTopic,
  began: number,
  records: number,
): Promise<{
  readonly samples: readonly Sample[];
  readonly outcome?: "stalled" | "died";
  readonly why: string;
}> {
  const samples: Sample[] = [];
  let tree: readonly number[] = [];
  let changedS = 0;
  let end = 0;
  for (let look = 0; ; look++) {
    signal.throwIfAborted();
    if (look % LOOKS_BETWEEN_TREES === 0 || tree.length === 0) tree = treeOf(Object.values(runner.pids));
    const now = await watched.end();
    const atS = (performance.now() - began) / 1000;
    samples.push({
      atS,
      end: now,
      cpuS: cpuOf(tree),
      sourceCpuS: cpuOf([source.pid]),
      targetCpuS: cpuOf([target.pid]),
    });
    if (now !== end) changedS = atS;
    end = now;
    const quietS = atS - changedS;
    if (end >= records && quietS >= SETTLED_S) return { samples, why: "" };
    const why = look % LOOKS_BETWEEN_FAULTS === 0 ? runner.fault() : undefined;
    if (why !== undefined) return { samples, outcome: "died", why };
    if (quietS >= (end === 0 ? START_S_MAX : STALLED_S))
      return {
        samples,
        outcome: "stalled",
        why: `Nothing came for ${Math.round(quietS)} s. ${runner.lastWords()}`,
      };
    await sleep(Math.max(0, LOOK_MS - (performance.now() - began - atS * 1000)));
  }
}
