import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "../../../src/kafka/cluster.ts";
import { CODEC } from "../../../src/kafka/compression.ts";
import { IdempotentProducer } from "../../../src/kafka/idempotent-producer.ts";
import { BATCH_HEADER_BYTES, writeBatchHeader } from "../../../src/kafka/record-batch.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
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
    const sender = await Sender.open(scene.source.bootstrap, partitions, recordBytes);
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

/** Writes records in turn to the partitions, acknowledged by all, as a producer with Kafka's defaults: no lingering, not compressed. */
class Sender {
  /** Number of a record → when it was handed to the client, ms. */
  readonly sentAt: number[] = [];
  readonly #cluster: Cluster;
  readonly #producer: IdempotentProducer;
  readonly #partitions: number;
  readonly #recordBytes: number;
  readonly #acknowledged = new Set<Promise<void>>();

  private constructor(
    cluster: Cluster,
    producer: IdempotentProducer,
    partitions: number,
    recordBytes: number,
  ) {
    this.#cluster = cluster;
    this.#producer = producer;
    this.#partitions = partitions;
    this.#recordBytes = recordBytes;
  }

  static async open(bootstrap: string, partitions: number, recordBytes: number): Promise<Sender> {
    const cluster = new Cluster(settingsOf(bootstrap));
    const topic = await cluster.topic(SOURCE_TOPIC);
    if (topic === undefined) throw new Error(`There is no topic ${SOURCE_TOPIC}.`);
    return new Sender(cluster, await IdempotentProducer.open(cluster, topic), partitions, recordBytes);
  }

  get sent(): number {
    return this.sentAt.length;
  }

  /** So many at once; resolves when they are stored. */
  async send(count: number): Promise<void> {
    this.#send(count);
    await Promise.all(this.#acknowledged);
  }

  /** So many at the rate of the course; resolves when they are stored. */
  async paced(count: number, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    for (let done = 0; done < count; ) {
      signal.throwIfAborted();
      const due = Math.min(count, Math.floor(((performance.now() - began) * RATE_PER_S) / 1000));
      this.#send(due - done);
      done = due;
      await sleep(1);
    }
    await Promise.all(this.#acknowledged);
  }

  /** What is due together goes with one request, a batch for each partition. */
  #send(count: number): void {
    if (count === 0) return;
    const numbers = Array.from({ length: count }, (_, at) => this.sent + at);
    const writes = [...Map.groupBy(numbers, (number) => number % this.#partitions)].map(
      ([partition, own]) => ({
        partition,
        batch: plainBatch(own.map((number) => Buffer.from(demandEvent(number, this.#recordBytes)))),
      }),
    );
    for (const _ of numbers) this.sentAt.push(performance.now());
    const stored = this.#producer.write(writes);
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

/** A batch that is not compressed, of values without keys. */
function plainBatch(values: readonly Buffer[]): Buffer {
  const time = BigInt(Date.now());
  const records = values.map((value, index) =>
    recordCodec.write({ timestamp: time, key: null, value, headers: [] }, index, time),
  );
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), ...records]);
  const times = { baseTimestamp: time, maxTimestamp: time };
  writeBatchHeader(batch, { codec: CODEC.none, count: values.length, ...times });
  return batch;
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
