import type { FrameSummary, Side } from "./frame-summary.ts";

/** So much earlier or later than the other's frame is another time, and not two clocks or the way between. */
const ASIDE_MS = 5_000;

/**
 * Which of two logs is to be read on, so that both readings stay at the same frames. The publisher writes a frame down first: for each
 * frame of the subscriber's its log is read until that is found. A frame that it does not hold must not lead to its end, though:
 * once it is `ahead` frames further than what was found last, the times of both say which one is behind.
 */
export class InStep {
  readonly #ahead: number;
  /** Newest digests of the publisher's log → their places; two of them, so that the older can be dropped at once. */
  #found: Map<string, number> = new Map();
  #foundBefore: Map<string, number> = new Map();
  #places = 0;
  /** Place of the newest frame of the publisher's that the subscriber has, or from which one is looked for. */
  #at = 0;
  #publisherTime = "";
  /** The subscriber's frame that is looked for. */
  #wanted: FrameSummary | undefined;
  readonly #ended = new Set<Side>();

  constructor(ahead: number) {
    this.#ahead = ahead;
  }

  /** The log from which the next frame is to come; undefined: both are read. */
  next(): Side | undefined {
    if (this.#ended.has("subscriber")) return this.#ended.has("publisher") ? undefined : "publisher";
    if (this.#ended.has("publisher") || this.#wanted === undefined) return "subscriber";
    if (this.#places - this.#at < this.#ahead) return "publisher";
    const late = Date.parse(this.#publisherTime) - Date.parse(this.#wanted.time);
    if (late < -ASIDE_MS) {
      this.#at = this.#places;
      return "publisher";
    }
    // Not found, so it is missing, or what follows will show that it stands elsewhere. In doubt both go on.
    this.#wanted = undefined;
    return late > ASIDE_MS ? "subscriber" : "publisher";
  }

  took(side: Side, frame: FrameSummary): void {
    if (side === "publisher") this.#sent(frame);
    else this.#taken(frame);
  }

  ended(side: Side): void {
    this.#ended.add(side);
  }

  #sent({ frame, time }: FrameSummary): void {
    const place = this.#places++;
    this.#publisherTime = time;
    if (this.#found.size >= 2 * this.#ahead) {
      this.#foundBefore = this.#found;
      this.#found = new Map();
    }
    this.#found.set(frame, place);
    if (this.#wanted?.frame !== frame) return;
    this.#wanted = undefined;
    this.#at = place;
  }

  #taken(frame: FrameSummary): void {
    const place = this.#found.get(frame.frame) ?? this.#foundBefore.get(frame.frame);
    if (place === undefined) this.#wanted = frame;
    else this.#at = Math.max(this.#at, place);
  }
}
