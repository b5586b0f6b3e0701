import type { Json } from "../kernel/json.ts";
import { type Emit, SIGNALS, type Signal } from "../kernel/signal.ts";

/** Adds signals up, by name and agreement, and passes on as lines those that are told as lines. */
export class Metrics {
  readonly #counters = new Map<string, number>();
  readonly #line: (signal: Signal) => void;

  constructor(line: (signal: Signal) => void) {
    this.#line = line;
  }

  readonly emit: Emit = (signal) => {
    const key = signal.agreement === undefined ? signal.name : `${signal.name}{${signal.agreement}}`;
    this.#counters.set(key, (this.#counters.get(key) ?? 0) + (signal.count ?? 1));
    if (SIGNALS[signal.name] === "line") this.#line(signal);
  };

  /** `name{agreement}` → how often, or how many, since the process started. */
  snapshot(): Json {
    return Object.fromEntries(this.#counters);
  }

  count(name: Signal["name"], agreement: string): number {
    return this.#counters.get(`${name}{${agreement}}`) ?? 0;
  }
}
