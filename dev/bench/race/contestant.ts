import { once } from "node:events";
import type { Kafka } from "../../kafka/broker.ts";

/** Where one run takes place. */
export interface Scene {
  readonly source: Kafka;
  readonly target: Kafka;
  /** For settings and logs of this run; goes with the race. */
  readonly folder: string;
  /** Letters and digits, another one for each run. */
  readonly run: string;
  /** Folder for CPU profiles of what can make them. */
  readonly profile: string | undefined;
  /** Aborts when the race is to end. */
  readonly signal: AbortSignal;
}

/** Who races: one row of the table in `contestants.ts`. */
export interface Contestant {
  readonly name: string;
  /** What stands in the table and under the bars. */
  readonly label: string;
  /** Does all that comes before the start: settings, folders, agreements. */
  prepare(scene: Scene): Promise<Runner>;
}

/** A contestant that is ready to be started. */
export interface Runner {
  /** The topic of the target that it writes. */
  readonly replica: string;
  /** Role → pid of what runs now; empty before the start. Their children count as theirs. */
  readonly pids: Readonly<Record<string, number>>;
  /** Spawns; does not wait until anything is at work. */
  start(): Promise<void>;
  /** Why it will not come to its end, in one sentence; undefined while it may. */
  fault(): string | undefined;
  /** The last that it said of itself: what a stall is explained by. */
  lastWords(): string;
  stop(): Promise<void>;
}

/** What `act` comes to, or the reason of the signal as soon as that aborts. */
export async function unlessAborted<Value>(signal: AbortSignal, act: Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = once(signal, "abort", { signal: over.signal }).then(() => {
    throw signal.reason;
  });
  try {
    return await Promise.race([act, aborted]);
  } finally {
    over.abort();
    aborted.catch(() => {});
  }
}
