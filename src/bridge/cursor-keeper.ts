import type { Clock, ReplicaLink, ReplicaSink, TopicSource } from "../kernel/ports.ts";
import { aloneSink } from "./share/alone.ts";
import type { Sharing } from "./share/membership.ts";
import { areStale, standing } from "./standing.ts";

/** After an attempt that failed. */
const AGAIN_MS = 60_000;

/** Has the cursors of a link or a push committed again while it is at rest, so that they don't expire: one that runs does so by itself. */
export class CursorKeeper {
  readonly #clock: Clock;
  /** Ms since 1970; 0: how old the cursors of an earlier process are is not known. */
  #keptAt = 0;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It ran until now, and kept them itself. */
  kept(): void {
    this.#keptAt = this.#clock.now();
  }

  /** Does nothing when it is too early. Never fails: what can't be kept now is tried again in a minute. */
  async keep(again: () => Promise<void>): Promise<void> {
    const now = this.#clock.now();
    if (!areStale(this.#keptAt, now) || Math.abs(now - this.#triedAt) < AGAIN_MS) return;
    this.#triedAt = now;
    try {
      await again();
      this.kept();
    } catch {
      // Kafka is away, or another process has the link, or there is no replica yet: the next session says so by its name.
    }
  }
}

/** Where cursors are committed again, and which cluster says how many partitions there are. */
interface Keeping {
  readonly sink: ReplicaSink;
  readonly sharing?: Sharing | undefined;
  readonly source: TopicSource;
}

/** Commits the cursors of a link once more, of as many partitions as `topic` has; no record is written. */
export async function commitAgain(
  { sink, sharing, source }: Keeping,
  topic: string,
  linkOf: (partitions: number) => ReplicaLink,
  signal: AbortSignal,
): Promise<void> {
  const { partitions } = await source.describe(topic);
  const writer = await (sharing ? aloneSink(sink, sharing) : sink).open(linkOf(partitions), signal);
  try {
    await writer.commit(standing(writer.cursors));
  } finally {
    await writer.close();
  }
}
