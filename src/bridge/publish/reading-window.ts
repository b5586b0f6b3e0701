import type { SourceBatch, SourcePosition } from "../../kernel/ports.ts";
import { LentNews, type News } from "./lent-news.ts";

/** What a reading has at hand, in the order in which it came. Each piece has a number, counted from the reading's first. */
export class ReadingWindow {
  readonly #lent: LentNews[] = [];
  #first = 0;
  #bytes = 0;

  /** Number of the oldest. */
  get first(): number {
    return this.#first;
  }

  at(number: number): LentNews | undefined {
    return this.#lent[number - this.#first];
  }

  add(news: News): void {
    const lent = new LentNews(news);
    this.#lent.push(lent);
    this.#bytes += lent.bytes;
  }

  /**
   * Lets go of the oldest: of what all have taken, which is what is below the number `taken`, where there are more than
   * `keptBytes`; of the others where there are more than `bytesMax`. What came last is what somebody waits for: it stays until
   * it is taken.
   */
  trim(taken: number, keptBytes: number, bytesMax: number): void {
    while (this.#lent.length > 0) {
      const isTaken = this.#first < taken;
      const isTooMuch = this.#bytes > (isTaken ? keptBytes : bytesMax);
      if (!isTooMuch || (!isTaken && this.#lent.length === 1)) return;
      this.#drop();
    }
  }

  clear(): void {
    while (this.#lent.length > 0) this.#drop();
  }

  /** Whether each place lies in a run, by partition. */
  contains(places: ReadonlyMap<number, SourcePosition>): boolean {
    const open = new Map(places);
    for (const { news } of this.#lent) {
      if ("error" in news) continue;
      const place = open.get(news.next.partition);
      if (place !== undefined && liesIn(place, news)) open.delete(place.partition);
    }
    return open.size === 0;
  }

  #drop(): void {
    const lent = this.#lent.shift();
    this.#first += 1;
    this.#bytes -= lent?.bytes ?? 0;
    lent?.letGo();
  }
}

/**
 * Whether a place lies in a run, and in the same history of the log: epochs never fall in a log, so a run that begins and
 * ends in one has no other. A place of another epoch may be from before the log was cut back, which is for the broker to say.
 */
function liesIn(place: SourcePosition, { from, next }: SourceBatch): boolean {
  if (place.offset < from.offset || place.offset > next.offset) return false;
  if (isAt(place, from) || isAt(place, next)) return true;
  return isOfEpoch(place, from) && isOfEpoch(place, next);
}

/** Whether two places are the same, also in their history. */
export const isAt = (place: SourcePosition, border: SourcePosition): boolean =>
  place.offset === border.offset && isOfEpoch(place, border);

/** A place before the first batch that was read knows of no epoch: it is read on from there whatever was before. */
const isOfEpoch = ({ leaderEpoch }: SourcePosition, border: SourcePosition): boolean =>
  leaderEpoch === -1 || leaderEpoch === border.leaderEpoch;
