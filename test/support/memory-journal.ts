import { MeshError } from "../../src/kernel/error.ts";
import type { Journal, JournalEntry, StoredEntry } from "../../src/kernel/ports.ts";

/** Topics of one partition in memory. While `isAway`, appends fail. */
export class MemoryJournal implements Journal {
  isAway = false;
  readonly #topics = new Map<string, StoredEntry[]>();
  #changed = Promise.withResolvers<void>();

  async append(topic: string, entries: readonly JournalEntry[]): Promise<void> {
    if (this.isAway) throw new MeshError("KAFKA_UNAVAILABLE", "The cluster is away.");
    const stored = this.#entriesOf(topic);
    for (const entry of entries)
      stored.push({ ...entry, offset: BigInt(stored.length), timestamp: 1_795_000_000_000n });
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
    await Promise.resolve();
  }

  async *read(
    topic: string,
    { signal, follow, onCaughtUp }: Parameters<Journal["read"]>[1],
  ): AsyncGenerator<StoredEntry> {
    const stored = this.#entriesOf(topic);
    const end = stored.length;
    const aborted = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
    for (let at = 0; signal?.aborted !== true; at += 1) {
      if (at === end) {
        onCaughtUp?.();
        if (follow !== true) return;
      }
      while (stored[at] === undefined && !signal?.aborted)
        await Promise.race([this.#changed.promise, aborted]);
      const entry = stored[at];
      if (entry !== undefined) yield entry;
    }
  }

  async ensure(topic: string): Promise<void> {
    this.#entriesOf(topic);
    await Promise.resolve();
  }

  #entriesOf(topic: string): StoredEntry[] {
    const stored = this.#topics.get(topic) ?? [];
    this.#topics.set(topic, stored);
    return stored;
  }
}
