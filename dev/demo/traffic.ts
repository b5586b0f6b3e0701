import { once } from "node:events";
import type { Producer } from "kafkajs";
import type { Kafka } from "../kafka/broker.ts";
import { type Feed, type Made, partitionOf } from "./feed.ts";
import { clientOf } from "./stage.ts";

const BEAT_MS = 100;
/** Values kept for the comparison with what arrives. */
const KEPT = 500;

/** A record that the broker has acknowledged. */
export interface Sent extends Pick<Made, "mark" | "fate"> {
  readonly partition: number;
}

/** Writes one feed at a steady rate, as the company's own system does, until stopped. */
export class Traffic {
  readonly feed: Feed;
  /** In order per partition. */
  readonly sent: Sent[] = [];
  /** Mark → value of the newest. */
  readonly values = new Map<string, string>();
  readonly #producer: Producer;
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();
  readonly #first: number;
  #made = 0;

  /** `first` is the number of the first record that it makes. */
  constructor(feed: Feed, kafka: Kafka, first = 0) {
    this.feed = feed;
    this.#first = first;
    this.#producer = clientOf(kafka).producer({ idempotent: true, maxInFlightRequests: 1 });
  }

  /** Records that must arrive. */
  get permitted(): number {
    return this.sent.reduce((count, { fate }) => count + (fate === "leaves" ? 1 : 0), 0);
  }

  /** `onFailure` is told when the company's Kafka does not take a record. */
  async start(onFailure: (error: unknown) => void): Promise<void> {
    await this.#producer.connect();
    this.#done = this.#run().catch(onFailure);
  }

  /** Resolves when what was written is acknowledged. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await this.#producer.disconnect();
  }

  async #run(): Promise<void> {
    const began = performance.now();
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const due = Math.floor(((performance.now() - began) / 1000) * this.feed.perSecond);
      const batch: Made[] = [];
      while (this.#made < due) batch.push(this.feed.make(this.#first + this.#made++));
      if (batch.length > 0) await this.#send(batch);
      await Promise.race([once(signal, "abort"), new Promise((resolve) => setTimeout(resolve, BEAT_MS))]);
    }
  }

  async #send(batch: readonly Made[]): Promise<void> {
    const messages = batch.map(({ key, value, headers }) => ({
      key,
      value,
      headers,
      partition: partitionOf(key),
    }));
    // Before the broker's word: a record may arrive sooner than that.
    for (const { mark, value } of batch) this.values.set(mark, value);
    await this.#producer.send({ topic: this.feed.topic, messages, acks: -1 });
    for (const { mark, fate, key } of batch) this.sent.push({ mark, fate, partition: partitionOf(key) });
    for (const mark of this.values.keys()) {
      if (this.values.size <= KEPT) break;
      this.values.delete(mark);
    }
  }
}
