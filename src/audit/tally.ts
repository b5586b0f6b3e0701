import type { Link } from "./chain.ts";
import { SIDES, type Side } from "./frame-summary.ts";
import type { SideTotals } from "./reconciliation.ts";

type Counts = { -readonly [Name in keyof Omit<SideTotals, "inFlight">]: number };
const nothing = (): Counts => ({ frames: 0, records: 0, erasures: 0, superseded: 0 });

/** Adds up what is settled of a chain, and what was let go beside it. */
export class Tally {
  readonly #counts: Readonly<Record<Side, Counts>> = { publisher: nothing(), subscriber: nothing() };
  /** Where frames left the chain that were let go, as long as the chain may still end there → how many of each side. */
  #left = new Map<string, Record<Side, number>>();
  #offsetsShown = true;

  get offsetsShown(): boolean {
    return this.#offsetsShown;
  }

  /** Links of the chain, settled. */
  settle(links: readonly Link[]): void {
    for (const link of links)
      for (const side of SIDES) {
        const logged = link[side];
        if (logged === undefined) continue;
        const { count, erasures = 0, firstOffset } = logged.summary;
        const counts = this.#counts[side];
        counts.frames += 1;
        counts.records += count;
        counts.erasures += erasures;
        if (side === "publisher" && firstOffset === undefined) this.#offsetsShown = false;
      }
  }

  /** A frame beside the chain that is held no more; `leftAt`: a frame where the chain may still end, or undefined. */
  letGo(side: Side, leftAt: string | undefined): void {
    if (leftAt === undefined) {
      this.#counts[side].superseded += 1;
      return;
    }
    const row = this.#left.get(leftAt) ?? { publisher: 0, subscriber: 0 };
    row[side] += 1;
    this.#left.set(leftAt, row);
  }

  /** The chain went on behind all places but these: who left it elsewhere was cut and sent anew. */
  goOn(isPlace: (frame: string) => boolean): void {
    const left = this.#left;
    this.#left = new Map();
    for (const [frame, row] of left)
      if (isPlace(frame)) this.#left.set(frame, row);
      else for (const side of SIDES) this.#counts[side].superseded += row[side];
  }

  /** At the chain's end: what left it there is under way. `isAtEnd` says it of a place. */
  totals(side: Side, isAtEnd: (frame: string) => boolean): SideTotals {
    let { superseded } = this.#counts[side];
    let inFlight = 0;
    for (const [frame, row] of this.#left)
      if (isAtEnd(frame)) inFlight += row[side];
      else superseded += row[side];
    return { ...this.#counts[side], superseded, inFlight };
  }
}
