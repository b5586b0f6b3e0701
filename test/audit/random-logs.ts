import fc from "fast-check";
import type { FrameSummary, Side } from "../../src/audit/frame-summary.ts";
import type { Beginning } from "../../src/audit/segments.ts";
import { chainName, genesis, genesisAnew } from "../../src/kernel/chain.ts";
import { digestOf } from "../../src/kernel/digest.ts";
import { AGREEMENT } from "./two-logs.ts";

/** Two logs, and where their chains begin. */
export interface RandomLogs extends Record<Side, readonly FrameSummary[]> {
  readonly beginnings: readonly Beginning[];
}

const PARTITIONS = 2;
const STEP_MS = 50;

/** What a link does next in a partition: frames of these sizes are cut, some are written down by the subscriber, some committed. */
const attempt = fc.record({
  partition: fc.nat(PARTITIONS - 1),
  replay: fc.boolean(),
  cuts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  written: fc.nat(3),
  /** Mostly all of them. */
  lost: fc.constantFrom(0, 0, 0, 0, 1, 3),
  /** An append that failed stands twice. */
  twice: fc.constantFrom<Side | undefined>(undefined, undefined, undefined, "publisher", "subscriber"),
  reset: fc.constantFrom(false, false, false, false, false, false, false, true),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer Value> ? Value : never;

interface Cursor {
  readonly previous: string;
  readonly sequence: number;
  readonly offset: number;
}

/** A stream with a replay beside it, as a link with these attempts writes both logs. */
class Link {
  readonly logs: Record<Side, FrameSummary[]> = { publisher: [], subscriber: [] };
  readonly beginnings: Beginning[] = [{ replay: REPLAY }];
  readonly #cursors = new Map<string, Cursor>();
  #time = Date.UTC(2026, 0, 1);

  attempt({ partition, replay, cuts, written, lost, twice, reset }: Attempt): void {
    const key = `${partition} ${replay}`;
    const chain = replay ? chainName(AGREEMENT, REPLAY) : AGREEMENT;
    let at = this.#cursors.get(key) ?? { previous: genesis(chain, partition), sequence: 0, offset: 0 };
    if (reset && !replay) at = { ...at, previous: this.#reset(partition) };
    this.#cursors.set(key, at);
    const kept = lost === 0 ? cuts.length : Math.min(written, cuts.length);
    for (const [index, size] of cuts.entries()) {
      const frame = this.#cut(at, size, partition);
      this.logs.publisher.push(frame, ...(twice === "publisher" ? [frame] : []));
      const { firstOffset: _, lastOffset: __, read: ___, denied: ____, ...seen } = frame;
      if (index < kept) this.logs.subscriber.push(seen, ...(twice === "subscriber" ? [seen] : []));
      at = { previous: frame.frame, sequence: frame.sequence + frame.count, offset: at.offset + size };
      if (index < kept - lost || lost === 0) this.#cursors.set(key, at);
    }
  }

  #reset(partition: number): string {
    const start = genesisAnew(AGREEMENT, String(this.beginnings.length), partition);
    this.beginnings.push({ reset: new Date(this.#time).toISOString(), partition, start });
    return start;
  }

  #cut({ previous, sequence, offset }: Cursor, size: number, partition: number): FrameSummary {
    this.#time += STEP_MS;
    const count = size - (offset % 3 === 0 ? 1 : 0);
    const core = { partition, sequence, count, body: digestOf([offset, size, this.#time]), previous };
    return {
      ...core,
      frame: digestOf(core),
      time: new Date(this.#time).toISOString(),
      firstOffset: String(offset),
      lastOffset: String(offset + size - 1),
      read: size,
      denied: size - count,
      erasures: offset % 2,
    };
  }
}

const REPLAY = "aa11bb22-0000-4000-8000-000000000000";

/** Logs of a link to which nothing happened but interruptions. */
export const honestLogs = (length: { readonly minLength: number; readonly maxLength: number }) =>
  fc.array(attempt, { ...length, size: "max" }).map((attempts): RandomLogs => {
    const link = new Link();
    for (const each of attempts) link.attempt(each);
    return { ...link.logs, beginnings: link.beginnings };
  });

const FLIPPED = digestOf("another");

/** What somebody does to one entry of a log; the log with that done. */
const DEEDS = {
  taken: (log, at) => log.toSpliced(at, 1),
  swapped: (log, at) => log.toSpliced(at, 2, ...log.slice(at, at + 2).reverse()),
  frame: (log, at) => changed(log, at, { frame: FLIPPED }),
  body: (log, at) => changed(log, at, { body: FLIPPED }),
  previous: (log, at) => changed(log, at, { previous: FLIPPED }),
  count: (log, at) => changed(log, at, { count: 99 }),
  sequence: (log, at) => changed(log, at, { sequence: (log[at]?.sequence ?? 0) + 1 }),
  erasures: (log, at) => changed(log, at, { erasures: 7 }),
  altered: (log, at) => log.toSpliced(at, 0, ...changed(log, at, { body: FLIPPED }).slice(at, at + 1)),
  nothing: (log) => log,
} satisfies Record<string, (log: readonly FrameSummary[], at: number) => readonly FrameSummary[]>;

const changed = (log: readonly FrameSummary[], at: number, change: Partial<FrameSummary>) =>
  log.map((frame, place) => (place === at ? { ...frame, ...change } : frame));

/** Of both logs one entry is changed. */
export const deed = fc.record({
  side: fc.constantFrom<Side>("publisher", "subscriber"),
  what: fc.constantFrom(...Object.values(DEEDS)),
  at: fc.nat(),
});

export function after(
  logs: RandomLogs,
  { side, what, at }: { side: Side; what: (typeof DEEDS)[keyof typeof DEEDS]; at: number },
) {
  const log = logs[side];
  return log.length === 0 ? logs : { ...logs, [side]: what(log, at % log.length) };
}
