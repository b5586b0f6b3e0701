import type { Chance } from "./chance.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What becomes of a request: it arrives and is answered, never arrives, or is done and its answer is lost. */
export type Fate = "answered" | "refused" | "unanswered";

/** The way from the gateways to one cluster, or to one log, with its troubles. */
export class Weather {
  readonly #chance: Chance;
  readonly #time: VirtualTime;
  /** Ms since 1970. */
  #awayUntil = 0;
  #slowUntil = 0;
  /** Answers that are still to be lost. */
  #losses = 0;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  away(ms: number): void {
    this.#awayUntil = this.#time.now + ms;
  }
  slow(ms: number): void {
    this.#slowUntil = this.#time.now + ms;
  }
  lose(answers: number): void {
    this.#losses = answers;
  }
  clear(): void {
    this.#awayUntil = 0;
    this.#slowUntil = 0;
    this.#losses = 0;
  }

  /** Ms on the way, one way. */
  travel(): number {
    return this.#time.now < this.#slowUntil ? this.#chance.between(50, 800) : this.#chance.between(0, 4);
  }

  fate(): Fate {
    if (this.#time.now < this.#awayUntil) return this.#chance.oneIn(3) ? "unanswered" : "refused";
    if (this.#losses === 0 || !this.#chance.oneIn(3)) return "answered";
    this.#losses -= 1;
    return "unanswered";
  }
}
