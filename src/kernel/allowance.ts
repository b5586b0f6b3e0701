/** How often something may happen: `most` times at once, and again as time passes (a token bucket). */
export class Allowance {
  readonly #most: number;
  readonly #perSecond: number;
  #left: number;
  #filledAt: number;

  /** `now` in milliseconds since 1970, here as in `take`. */
  constructor({ most, perSecond }: { readonly most: number; readonly perSecond: number }, now: number) {
    this.#most = most;
    this.#perSecond = perSecond;
    this.#left = most;
    this.#filledAt = now;
  }

  /** False: too often. */
  take(now: number): boolean {
    // A clock that was set back fills nothing.
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#left = Math.min(this.#most, this.#left + seconds * this.#perSecond);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
