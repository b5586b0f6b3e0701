import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Journal, JournalEntry, StoredEntry } from "../../src/kernel/ports.ts";

export interface JournalWorld {
  readonly journal: Journal;
  /** A name that nobody uses yet. */
  freshName(): string;
  close(): Promise<void>;
}

async function collect(entries: AsyncIterable<StoredEntry>): Promise<readonly StoredEntry[]> {
  const all: StoredEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** What every Journal guarantees (src/kernel/ports.ts). */
export function journalSuite(name: string, makeWorld: () => Promise<JournalWorld>): void {
  describe(`Journal by ${name}`, () => {
    let world: JournalWorld;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(async () => await world.close());

    const entry = (key: string | null, value: string | null): JournalEntry => ({
      key,
      value: value === null ? null : Buffer.from(value),
    });
    const plainly = ({ key, value }: StoredEntry) => [
      key,
      value === null ? null : Buffer.from(value).toString(),
    ];

    async function madeTopic(config: Readonly<Record<string, string>> = {}): Promise<string> {
      const topic = world.freshName();
      await world.journal.ensure(topic, config);
      return topic;
    }

    it("makes a topic once: a second time changes nothing", async () => {
      const topic = await madeTopic({ "cleanup.policy": "compact" });
      await world.journal.append(topic, [entry("k", "v")]);
      await world.journal.ensure(topic, { "cleanup.policy": "compact" });
      expect((await collect(world.journal.read(topic, {}))).map(plainly)).toEqual([["k", "v"]]);
    });

    it("gives nothing of an empty topic and says at once that the end is reached", async () => {
      const topic = await madeTopic();
      let caughtUp = 0;
      const entries = await collect(world.journal.read(topic, { onCaughtUp: () => (caughtUp += 1) }));
      expect([entries, caughtUp]).toEqual([[], 1]);
    });

    it("gives back what was appended, in order, with offsets that grow and times", async () => {
      const topic = await madeTopic();
      await world.journal.append(topic, [entry("a", "1"), entry(null, "2")]);
      await world.journal.append(topic, []);
      await world.journal.append(topic, [entry("a", null)]);
      const entries = await collect(world.journal.read(topic, {}));
      expect(entries.map(plainly)).toEqual([
        ["a", "1"],
        [null, "2"],
        ["a", null],
      ]);
      expect(entries.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
      expect(entries.every(({ timestamp }) => timestamp > 1_600_000_000_000n)).toBe(true);
    });

    it("keeps the order of appends that were called at once", async () => {
      const topic = await madeTopic();
      const keys = Array.from({ length: 100 }, (_, n) => `k${n}`);
      await Promise.all(keys.map(async (key) => await world.journal.append(topic, [entry(key, key)])));
      expect((await collect(world.journal.read(topic, {}))).map(({ key }) => key)).toEqual(keys);
    });

    it("follows: says once that the end as of the call is reached, then gives what comes until the signal aborts", async () => {
      const topic = await madeTopic();
      await world.journal.append(topic, [entry("before", "1")]);
      const stop = new AbortController();
      const seen: (string | null)[] = [];
      const caughtUp: number[] = [];
      const options = {
        follow: true,
        signal: stop.signal,
        onCaughtUp: () => void caughtUp.push(seen.length),
      };
      for await (const { key } of world.journal.read(topic, options)) {
        seen.push(key);
        if (key === "before") void world.journal.append(topic, [entry("after", "2")]);
        else stop.abort();
      }
      expect(seen).toEqual(["before", "after"]);
      expect(caughtUp).toEqual([1]);
    });

    it("ends a following reader of an empty topic by the signal", async () => {
      const topic = await madeTopic();
      const stop = new AbortController();
      const options = { follow: true, signal: stop.signal, onCaughtUp: () => stop.abort() };
      expect(await collect(world.journal.read(topic, options))).toEqual([]);
    });
  });
}
