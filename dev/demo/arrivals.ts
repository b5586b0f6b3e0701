import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";
import type { Feed } from "./feed.ts";
import { recordsOf, replicaOf } from "./replica.ts";

const LOOK_MS = 100;

/** Reads a replica topic as a program of the subscriber does: read_committed, from the beginning, on and on. */
export class Arrivals {
  readonly feed: Feed;
  count = 0;
  /** When the newest was seen, in milliseconds since 1970; 0 before the first. */
  lastAt = 0;
  firstAt: number | undefined;
  newest: KafkaRecord | undefined;
  readonly #settings: KafkaSettings;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  #waiting: { readonly from: number; readonly resolve: (at: number) => void }[] = [];

  constructor(feed: Feed, settings: KafkaSettings) {
    this.feed = feed;
    this.#settings = settings;
  }

  start(onFailure: (error: unknown) => void): void {
    this.#done = this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) onFailure(error);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** When the first record came after that moment, both in milliseconds since 1970. Throws when none came in time. */
  async firstAfter(from: number, patienceMs: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ from, resolve });
    const patience = setTimeout(
      () => reject(new Error(`No record of ${this.feed.contract} came for ${patienceMs / 1000} s.`)),
      patienceMs,
    );
    return await promise.finally(() => clearTimeout(patience));
  }

  async #run(): Promise<void> {
    const source = kafkaTopicSource(this.#settings);
    const { signal } = this.#stop;
    const topic = replicaOf(this.feed);
    try {
      while (!signal.aborted) {
        const description = await source.describe(topic).catch(notYet);
        if (description === undefined) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
          continue;
        }
        const starts = await source.positions(topic, "earliest");
        for await (const run of soundRuns(source.read(description, starts, signal)))
          this.#take(recordsOf(run));
      }
    } finally {
      source.close();
    }
  }

  #take(records: readonly KafkaRecord[]): void {
    if (records.length === 0) return;
    const now = Date.now();
    this.count += records.length;
    this.firstAt ??= now;
    this.lastAt = now;
    this.newest = records.at(-1);
    const met = this.#waiting.filter(({ from }) => now >= from);
    this.#waiting = this.#waiting.filter(({ from }) => now < from);
    for (const { resolve } of met) resolve(now);
  }
}

/** The gateway makes the topic when the link comes up. */
function notYet(error: unknown): undefined {
  if (error instanceof MeshError && error.code === "SOURCE_MISSING") return undefined;
  throw error;
}
