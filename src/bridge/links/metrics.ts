import type { Json } from "../../kernel/json.ts";
import type { Clock } from "../../kernel/ports.ts";
import { type Emit, SIGNALS, type Signal } from "../../kernel/signal.ts";
import { systemClock } from "../clock.ts";

/** A rate is over this many whole seconds. */
const SECONDS = 10;
/** Signals that have a rate. */
const RATED: ReadonlySet<Signal["name"]> = new Set([
  "link.records.sent",
  "link.bytes.sent",
  "link.records.committed",
  "link.bytes.committed",
]);

/** Adds signals up, by name and agreement, and passes on as lines those that are told as lines. */
export class Metrics {
  readonly #counters = new Map<string, number>();
  readonly #rates = new Map<string, Rate>();
  readonly #line: (signal: Signal) => void;
  readonly #clock: Pick<Clock, "now">;

  constructor(line: (signal: Signal) => void, clock: Pick<Clock, "now"> = systemClock) {
    this.#line = line;
    this.#clock = clock;
  }

  readonly emit: Emit = (signal) => {
    const key = keyOf(signal.name, signal.agreement);
    const count = signal.count ?? 1;
    this.#counters.set(key, (this.#counters.get(key) ?? 0) + count);
    if (RATED.has(signal.name)) this.#rateOf(key).add(count, this.#clock.now());
    if (SIGNALS[signal.name] === "line") this.#line(signal);
  };

  /** `name{agreement}` → how often, or how many, since the process started. */
  snapshot(): Json {
    return Object.fromEntries(this.#counters);
  }

  count(name: Signal["name"], agreement: string): number {
    return this.#counters.get(keyOf(name, agreement)) ?? 0;
  }

  /** A second, over the last ten; of signals that have a rate. */
  perSecond(name: Signal["name"], agreement: string): number {
    return this.#rates.get(keyOf(name, agreement))?.perSecond(this.#clock.now()) ?? 0;
  }

  #rateOf(key: string): Rate {
    const rate = this.#rates.get(key) ?? new Rate();
    this.#rates.set(key, rate);
    return rate;
  }
}

const keyOf = (name: string, agreement: string | undefined): string =>
  agreement === undefined ? name : `${name}{${agreement}}`;

/** Counts by the second, kept for as long as a rate needs them. No timer: a second that is too old is passed over when asked. */
class Rate {
  readonly #counts = new Array<number>(SECONDS + 1).fill(0);
  readonly #seconds = new Array<number>(SECONDS + 1).fill(-1);

  add(count: number, now: number): void {
    const second = Math.floor(now / 1_000);
    const at = second % this.#counts.length;
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second;
      this.#counts[at] = 0;
    }
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** The second under way is not whole yet, and does not count. */
  perSecond(now: number): number {
    const second = Math.floor(now / 1_000);
    const isCounted = (each: number): boolean => each >= second - SECONDS && each < second;
    const sum = this.#counts.reduce(
      (all, count, at) => all + (isCounted(this.#seconds[at] ?? -1) ? count : 0),
      0,
    );
    return sum / SECONDS;
  }
}
