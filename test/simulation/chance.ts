/** Marsaglia's xorshift32: the same seed, the same draws. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 2_654_435_761) | 1;
    // The first draws of neighbouring seeds are alike.
    for (let warm = 0; warm < 8; warm += 1) this.below(2);
  }

  /** In [0, `limit`). */
  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % limit;
  }

  /** Both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  oneIn(number: number): boolean {
    return this.below(number) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("There is nothing to pick from.");
    return item;
  }
}
