import type {
  Clock,
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicDescription,
  TopicSource,
} from "../../kernel/ports.ts";
import { baseOffsetOf, leaderEpochOf, maxTimestampOf } from "../frames/batch-fields.ts";

/** What Kafka lets a record's timestamp lie ahead of its broker's clock (`message.timestamp.after.max.ms`). */
const AHEAD_MS = 3_600_000;
/** A partition that waits is looked at at least so often: the rule may have changed. */
const REST_MS_MAX = 60_000;
/** Partitions that wait are woken together, at times this part of the age apart. */
const STEPS = 100;
const STEP_MS_MIN = 200;

/** How old records must be before they are handed out. */
export interface RipeRule {
  /** Ms; asked for each run, because the plan may change. 0: at once. */
  readonly leastMs: () => number;
  readonly clock: Clock;
}

interface Place {
  position: SourcePosition;
  /** Ms since 1970: nothing of the partition is old enough before. */
  restsUntil: number;
}

/**
 * `source.read`, whose records come when they are old enough: delayed, and not lost. Nothing that waits is held in memory: a
 * partition whose next batch is too young is left out of the reading, so that the others go on, and read from there again
 * when its time has come. A batch waits for its youngest record. One that lies further ahead of our clock than Kafka lets it
 * is not waited for: it comes at once, and policy denies it as too fresh.
 */
export async function* ripeRuns(
  source: TopicSource,
  topic: TopicDescription,
  from: readonly SourcePosition[],
  signal: AbortSignal,
  { leastMs, clock }: RipeRule,
): AsyncGenerator<SourceBatch | SourceWedge> {
  const places = new Map<number, Place>(
    from.map((position) => [position.partition, { position, restsUntil: 0 }]),
  );
  while (!signal.aborted && places.size > 0) {
    const now = clock.now();
    const awake = [...places.values()].filter(({ restsUntil }) => restsUntil <= now);
    const nextUp = Math.min(
      ...[...places.values()].map(({ restsUntil }) => restsUntil).filter((at) => at > now),
    );
    const round = new AbortController();
    const ending = AbortSignal.any([signal, round.signal]);
    const wakeAt = async (at: number): Promise<void> => {
      await clock.sleep(Math.max(0, at - clock.now()), ending);
      round.abort();
    };
    const waking = nextUp === Number.POSITIVE_INFINITY ? undefined : wakeAt(nextUp);
    if (awake.length === 0) {
      await waking;
      continue;
    }
    const positions = awake.map(({ position }) => position);
    try {
      yield* ripeOf(source.read(topic, positions, ending), places, { leastMs, clock }, wakeAt);
    } finally {
      round.abort();
    }
  }
}

/** What is old enough of one reading, until something comes that must wait behind something that is too young. */
async function* ripeOf(
  runs: AsyncIterable<SourceBatch | SourceWedge>,
  places: Map<number, Place>,
  { leastMs, clock }: RipeRule,
  wakeAt: (at: number) => Promise<void>,
): AsyncGenerator<SourceBatch | SourceWedge> {
  const young = new Set<number>();
  for await (const run of runs) {
    if ("error" in run) {
      places.delete(run.partition);
      yield run;
      continue;
    }
    const place = places.get(run.from.partition);
    // The others are read on without that partition.
    if (place === undefined || young.has(run.from.partition)) return;
    const { ripe, restsUntil } = cut(run, leastMs(), clock.now());
    if (ripe !== undefined) {
      place.position = ripe.next;
      yield ripe;
    }
    if (restsUntil === undefined) continue;
    young.add(run.from.partition);
    place.restsUntil = restsUntil;
    void wakeAt(restsUntil);
  }
}

/** The part of a run that is old enough, and when to look again where there is more. */
function cut(
  run: SourceBatch,
  leastMs: number,
  now: number,
): { readonly ripe: SourceBatch | undefined; readonly restsUntil: number | undefined } {
  if (leastMs <= 0) return { ripe: run, restsUntil: undefined };
  const index = run.batches.findIndex((batch) => ripeAt(batch, leastMs, now) > now);
  const young = run.batches[index];
  if (young === undefined) return { ripe: run, restsUntil: undefined };
  const restsUntil = Math.min(nextStep(ripeAt(young, leastMs, now), leastMs), now + REST_MS_MAX);
  const before = run.batches[index - 1];
  if (before === undefined) return { ripe: undefined, restsUntil };
  const next = {
    partition: run.from.partition,
    offset: baseOffsetOf(young),
    leaderEpoch: leaderEpochOf(young),
  };
  return { ripe: { ...run, next, batches: run.batches.slice(0, index) }, restsUntil };
}

/** Ms since 1970. A batch without times is handed out: what is to become of it is for policy to say. */
function ripeAt(batch: Uint8Array, leastMs: number, now: number): number {
  const youngest = maxTimestampOf(batch);
  return youngest > now + AHEAD_MS ? now : youngest + leastMs;
}

function nextStep(at: number, leastMs: number): number {
  const step = Math.max(STEP_MS_MIN, Math.floor(leastMs / STEPS));
  return Math.ceil(at / step) * step;
}
