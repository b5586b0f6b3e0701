import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { kafkaTopicSource } from "../../src/kafka/topic-source.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { KafkaSettings } from "../../src/kernel/kafka-settings.ts";
import type { SourcePosition } from "../../src/kernel/ports.ts";
import type { KafkaRecord } from "../../src/kernel/record.ts";

/** Settings of a plain listener. */
export const plain = (bootstrap: string): KafkaSettings => ({
  brokers: bootstrap.split(","),
  clientId: "tiermesh-test",
  tls: undefined,
  sasl: undefined,
  replicationFactor: 1,
});

const AGAIN_MS = 50;

/**
 * Reads a topic from its beginning for as long as the test likes, `read_committed`; waits for the topic, and bears a broker
 * that is away. Keeps what `keep` makes of each record, in the order of each partition.
 */
export class Follower<Entry> {
  readonly entries: Entry[] = [];
  readonly topic: string;
  readonly #settings: KafkaSettings;
  readonly #keep: (record: KafkaRecord, partition: number) => Entry;
  readonly #stop = new AbortController();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #places = new Map<number, SourcePosition>();
  readonly #done: Promise<void>;
  #failure: unknown;

  constructor(bootstrap: string, topic: string, keep: (record: KafkaRecord, partition: number) => Entry) {
    this.topic = topic;
    this.#settings = plain(bootstrap);
    this.#keep = keep;
    this.#done = this.#run();
  }

  /** Waits until the entries hold. Throws when they do not in time, or can't be read. */
  async until(holds: (entries: readonly Entry[]) => boolean, patienceMs = 20_000): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    while (!holds(this.entries)) {
      if (this.#failure !== undefined) throw this.#failure;
      await once(this.#changes, "change", { signal }).catch((cause: unknown) => {
        const last = JSON.stringify(this.entries.at(-1));
        const seen = `${this.entries.length} records of ${this.topic} came, the last ${last}`;
        throw new Error(`It did not come within ${patienceMs} ms: ${seen}`, { cause });
      });
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        if (!(error instanceof MeshError && error.row.retry === "backoff")) {
          this.#failure = error;
          this.#changes.emit("change");
          return;
        }
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const source = kafkaTopicSource(this.#settings);
    try {
      const topic = await source.describe(this.topic);
      const earliest = await source.positions(this.topic, "earliest");
      const from = earliest.map((position) => this.#places.get(position.partition) ?? position);
      for await (const run of soundRuns(source.read(topic, from, signal))) {
        for (const batch of run.batches)
          for (const record of recordCodec.decode(batch, run.from.offset, 64 << 20))
            this.entries.push(this.#keep(record, run.from.partition));
        this.#places.set(run.next.partition, run.next);
        this.#changes.emit("change");
      }
    } finally {
      source.close();
    }
  }
}

/** All committed records that a topic holds now. */
export async function readWhole<Entry>(
  bootstrap: string,
  topic: string,
  keep: (record: KafkaRecord, partition: number) => Entry,
): Promise<readonly Entry[]> {
  const source = kafkaTopicSource(plain(bootstrap));
  const entries: Entry[] = [];
  try {
    const ends = new Map(
      (await source.positions(topic, "latest")).map(({ partition, offset }) => [partition, offset]),
    );
    const from = await source.positions(topic, "earliest");
    const left = new Set(
      from
        .filter(({ partition, offset }) => offset < (ends.get(partition) ?? 0n))
        .map((each) => each.partition),
    );
    if (left.size === 0) return entries;
    for await (const run of soundRuns(
      source.read(await source.describe(topic), from, new AbortController().signal),
    )) {
      for (const batch of run.batches)
        for (const record of recordCodec.decode(batch, run.from.offset, 64 << 20))
          entries.push(keep(record, run.from.partition));
      if (run.next.offset >= (ends.get(run.next.partition) ?? 0n)) left.delete(run.next.partition);
      if (left.size === 0) return entries;
    }
    return entries;
  } finally {
    source.close();
  }
}

/** The value as text; null for a tombstone. */
export const textOf = ({ value }: Pick<KafkaRecord, "value">): string | null =>
  value === null ? null : Buffer.from(value).toString("utf8");

/** The number of an order; −1 for what is none. */
export function numberOf(record: KafkaRecord): number {
  try {
    return Number((JSON.parse(textOf(record) ?? "{}") as { number?: number }).number ?? -1);
  } catch {
    return -1;
  }
}
