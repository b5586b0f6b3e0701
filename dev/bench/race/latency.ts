import { setTimeout as sleep } from "node:timers/promises";
import { Appender } from "../../../src/kafka/appender.ts";
import { Cluster } from "../../../src/kafka/cluster.ts";
import { settingsOf, WatchedTopic } from "./cluster.ts";
import type { Runner, Scene } from "./contestant.ts";
import { demandEvent, numberOf } from "./events.ts";
import { outcomeOf, quantiles } from "./figures.ts";
import type { RaceOptions } from "./options.ts";
import { probe } from "./probe.ts";
import { cpuOf, treeOf } from "./processes.ts";
import type { Course, Finding } from "./run.ts";
import { SOURCE_TOPIC } from "./source.ts";

const RATE_PER_S = 1_000;
const WARM_UP_RECORDS = 15 * RATE_PER_S;
const LOOK_MS = 50;
const START_MS_MAX = 60_000;
/** After the last record was sent: who has not delivered by then has lost or stalled. */
const DRAIN_MS_MAX = 30_000;

/** A steady 1,000 records a second from end to end: from just before the send to the answer that shows the record. */
export const latency =
  ({ records, recordBytes, partitions }: RaceOptions): Course =>
  async (runner, scene) => {
    const { signal } = scene;
    const began = performance.now();
    await runner.start();
    const sender = new Sender(scene.source.bootstrap, partitions, recordBytes);
    // Whoever reads only what is new would never see what was there before.
    await sender.send(partitions);
    const seen = new Arrivals(sender.sentAt);
    const end = new AbortController();
    let reading: Promise<void> | undefined;
    try {
      const startToFirstS = await firstRecord(runner, scene, began, signal);
      if (startToFirstS === undefined)
        return {
          outcome: "stalled",
          why: runner.fault() ?? `No record came. ${runner.lastWords()}`,
          expected: records,
          found: 0,
        };
      reading = probe(scene.target.bootstrap, runner.replica, (value) => seen.note(value), end.signal);
      await sender.paced(WARM_UP_RECORDS, signal);
      const from = sender.sent;
      const tree = treeOf(Object.values(runner.pids));
      const [cpuS, loadedAt] = [cpuOf(tree), performance.now()];
      await sender.paced(records, signal);
      const cores = (cpuOf(tree) - cpuS) / ((performance.now() - loadedAt) / 1000);
      await Promise.race([
        reading,
        seen.all(sender.sent, AbortSignal.any([signal, AbortSignal.timeout(DRAIN_MS_MAX)])),
      ]);
      signal.throwIfAborted();
      const found = seen.latencies.slice(from).filter((each) => each !== undefined);
      const fault = runner.fault();
      const outcome = fault === undefined ? outcomeOf(found.length, records) : "died";
      const why = fault ?? `${found.length} of ${records} records came. ${runner.lastWords()}`;
      return {
        outcome,
        ...(outcome !== "complete" && { why }),
        expected: records,
        found: found.length,
        ...(outcome === "complete" && { latency: { startToFirstS, ...quantiles(found), cores } }),
      } satisfies Finding;
    } finally {
      end.abort();
      await Promise.allSettled([reading, sender.close()]);
    }
  };

/** Seconds from the start until the target shows a record; undefined when none comes. */
async function firstRecord(
  runner: Runner,
  { target }: Scene,
  began: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const watched = new WatchedTopic(target.bootstrap, runner.replica);
  try {
    while (performance.now() - began < START_MS_MAX) {
      signal.throwIfAborted();
      if ((await watched.end()) > 0) return (performance.now() - began) / 1000;
      if (runner.fault() !== undefined) return undefined;
      await sleep(LOOK_MS);
    }
    return undefined;
  } finally {
    watched.close();
  }
}

/** Writes records in turn to the partitions, acknowledged by all, no lingering. */
class Sender {
  /** Number of a record → when it was handed to the client, ms. */
  readonly sentAt: number[] = [];
  readonly #cluster: Cluster;
  readonly #appenders: readonly Appender[];
  readonly #recordBytes: number;
  readonly #acknowledged = new Set<Promise<void>>();

  constructor(bootstrap: string, partitions: number, recordBytes: number) {
    this.#cluster = new Cluster(settingsOf(bootstrap));
    this.#appenders = Array.from(
      { length: partitions },
      (_, partition) => new Appender(this.#cluster, SOURCE_TOPIC, partition),
    );
    this.#recordBytes = recordBytes;
  }

  get sent(): number {
    return this.sentAt.length;
  }

  /** So many at once; resolves when they are stored. */
  async send(count: number): Promise<void> {
    for (let left = count; left > 0; left--) this.#sendOne();
    await Promise.all(this.#acknowledged);
  }

  /** So many at the rate of the course; resolves when they are stored. */
  async paced(count: number, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    for (let done = 0; done < count; ) {
      signal.throwIfAborted();
      const due = Math.min(count, Math.floor(((performance.now() - began) * RATE_PER_S) / 1000));
      for (; done < due; done++) this.#sendOne();
      await sleep(1);
    }
    await Promise.all(this.#acknowledged);
  }

  #sendOne(): void {
    const number = this.sent;
    const value = Buffer.from(demandEvent(number, this.#recordBytes));
    const record = { timestamp: BigInt(Date.now()), key: null, value, headers: [] };
    this.sentAt.push(performance.now());
    const stored = this.#appenders[number % this.#appenders.length]?.append([record]) ?? Promise.resolve();
    this.#acknowledged.add(stored);
    stored.then(
      () => this.#acknowledged.delete(stored),
      // Stays, so that whoever waits for all is told.
      () => {},
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#acknowledged);
    this.#cluster.close();
  }
}

/** What came, by number; the first time counts. */
class Arrivals {
  readonly latencies: (number | undefined)[] = [];
  readonly #sentAt: readonly number[];
  #count = 0;

  constructor(sentAt: readonly number[]) {
    this.#sentAt = sentAt;
  }

  note(value: Uint8Array): void {
    const now = performance.now();
    const number = numberOf(value);
    const sentAt = number === undefined ? undefined : this.#sentAt[number];
    if (number === undefined || sentAt === undefined || this.latencies[number] !== undefined) return;
    this.latencies[number] = now - sentAt;
    this.#count += 1;
  }

  /** Resolves when so many came, or the signal aborts. */
  async all(count: number, signal: AbortSignal): Promise<void> {
    while (this.#count < count && !signal.aborted) await sleep(LOOK_MS);
  }
}
