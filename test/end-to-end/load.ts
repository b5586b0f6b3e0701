import { setTimeout as sleep } from "node:timers/promises";
import type { Message, Producer } from "kafkajs";

/** What is under way at any moment is then a batch of a few records; a kill finds a transaction that is open. */
const SLICE_MS = 25;
/** Of 1 KB each: a request stays well below what a broker takes. */
const SLICE_RECORDS_MAX = 500;

/** Writes records at a steady rate until it is stopped; what a pause held up is made good. */
export class Load {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #count = 0;

  /** `make` gives the record of each number, from 0; a record names its partition. */
  constructor(
    producer: Producer,
    topic: string,
    perSecond: number,
    make: (number: number) => Message,
    sliceMs = SLICE_MS,
  ) {
    this.#done = this.#run(producer, topic, perSecond, make, sliceMs);
    this.#done.catch(() => undefined);
  }

  /** Records that are acknowledged. */
  get count(): number {
    return this.#count;
  }

  /** Resolves with how many records were written. */
  async stop(): Promise<number> {
    this.#stop.abort();
    await this.#done;
    return this.#count;
  }

  async #run(
    producer: Producer,
    topic: string,
    perSecond: number,
    make: (number: number) => Message,
    sliceMs: number,
  ): Promise<void> {
    const began = performance.now();
    while (!this.#stop.signal.aborted) {
      const due = Math.floor(((performance.now() - began) * perSecond) / 1000);
      const length = Math.min(due - this.#count, SLICE_RECORDS_MAX);
      const messages = Array.from({ length }, (_, at) => make(this.#count + at));
      if (messages.length > 0) await producer.send({ topic, messages });
      this.#count += messages.length;
      if (length < SLICE_RECORDS_MAX) await sleep(sliceMs);
    }
  }
}
