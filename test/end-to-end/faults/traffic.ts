import { order, writeContract } from "../contract.ts";
import { differenceOf, isPermitted, recordOf } from "../exactness.ts";
import { Follower, numberOf, readWhole, textOf } from "../follower.ts";
import { Load } from "../load.ts";
import type { Pair } from "../pair.ts";

/** From here on: the last record of each partition, so that the end is seen to have come. */
const LAST = 1_000_000_000;
const PATIENCE_MS = 45_000;
/**
 * A slice becomes a transaction, and transactions are what a broker works on: ten in a second are enough for a fault that
 * lasts longer than one.
 */
const SLICE_MS = 100;

interface TrafficOptions {
  /** Of the source topic and of the contract. */
  readonly topic: string;
  readonly partitions?: number;
  readonly perSecond?: number;
  /** How much time's records are written at once. */
  readonly sliceMs?: number;
  /** The value of a record, which holds its number. */
  readonly record?: (number: number) => string;
}

/**
 * One stream between two companies under a steady load, which comes through whole, whatever happens to it. Records are
 * numbered, and a number tells the partition.
 */
export class Traffic {
  readonly agreement: string;
  readonly replica: Follower<number>;
  readonly #pair: Pair;
  readonly #options: Required<TrafficOptions>;
  #load: Load;
  /** Records that were written by loads that are over. */
  #written = 0;

  private constructor(pair: Pair, agreement: string, options: TrafficOptions) {
    this.#pair = pair;
    this.#options = { partitions: 2, perSecond: 500, sliceMs: SLICE_MS, record: recordOf, ...options };
    this.agreement = agreement;
    this.replica = new Follower(pair.helixKafka.bootstrap, `aurora.${options.topic}`, numberOf);
    this.#load = this.#begin();
  }

  /** Topic, contract, agreement and load; resolves when records come. */
  static async start(pair: Pair, options: TrafficOptions): Promise<Traffic> {
    const { topic, partitions = 2 } = options;
    await pair.topic(topic, partitions);
    await pair.publish(writeContract(pair.folder, { name: topic, topic }));
    const traffic = new Traffic(pair, await pair.share(topic), options);
    await traffic.flows();
    return traffic;
  }

  /** Records that are in the source, at least. */
  get written(): number {
    return this.#written + this.#load.count;
  }

  /** Waits until every partition has brought a record that was not written yet when this was called; how long that took, ms. */
  async flows(patienceMs = PATIENCE_MS): Promise<number> {
    const { partitions } = this.#options;
    const began = performance.now();
    const from = this.written;
    const fresh = new Set<number>();
    let seen = this.replica.entries.length;
    await this.replica.until((numbers) => {
      for (; seen < numbers.length; seen += 1)
        if ((numbers[seen] ?? 0) > from) fresh.add((numbers[seen] ?? 0) % partitions);
      return fresh.size === partitions;
    }, patienceMs);
    return Math.round(performance.now() - began);
  }

  /** Writes nothing while `rest` runs. */
  async pauses(rest: () => Promise<void>): Promise<void> {
    this.#written += await this.#load.stop();
    await rest();
    this.#load = this.#begin();
  }

  /**
   * Ends the load, waits for its last record, and says by partition where the replica is not exactly what was permitted, in
   * its order; nothing: it is.
   */
  async differences(patienceMs = PATIENCE_MS): Promise<readonly object[]> {
    const { topic, partitions } = this.#options;
    const { producer, auroraKafka, helixKafka } = this.#pair;
    await this.#load.stop();
    const ends = Array.from({ length: partitions }, (_, at) => LAST + at);
    const messages = ends.map((number) => ({ partition: number % partitions, value: order(number) }));
    await producer.send({ topic, messages });
    let seen = 0;
    let ended = 0;
    await this.replica.until((numbers) => {
      for (; seen < numbers.length; seen += 1) if ((numbers[seen] ?? 0) >= LAST) ended += 1;
      return ended >= partitions;
    }, patienceMs);
    await this.replica.stop();
    // What is denied counts as nothing here; so many records don't go into memory whole.
    const source = await readWhole(auroraKafka.bootstrap, topic, (record, partition) => {
      const number = isPermitted(textOf(record)) ? numberOf(record) : -1;
      return placed(number, partition);
    });
    const there = await readWhole(helixKafka.bootstrap, this.replica.topic, (record, partition) =>
      placed(numberOf(record), partition),
    );
    return ends.flatMap((_, at) => {
      const wanted = source.filter((place) => place >= 0 && place % PLACES === at);
      const found = there.filter((place) => Math.abs(place) % PLACES === at);
      const difference = differenceOf(wanted, found);
      return difference === undefined ? [] : [{ partition: at, ...difference }];
    });
  }

  #begin(): Load {
    const { topic, partitions, perSecond, sliceMs, record } = this.#options;
    const first = this.#written;
    const make = (number: number) => ({
      partition: (first + number) % partitions,
      value: record(first + number),
    });
    return new Load(this.#pair.producer, topic, perSecond, make, sliceMs);
  }
}

const PLACES = 1_000;
/** Number and partition in one; below zero when there is no number. */
const placed = (number: number, partition: number): number =>
  number < 0 ? -PLACES - partition : number * PLACES + partition;
