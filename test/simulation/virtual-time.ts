import type { Chance } from "./chance.ts";

interface Due {
  readonly at: number;
  /** Among what is due at the same time, the seed decides. */
  readonly turn: number;
  readonly deed: () => void;
}

const isBefore = (one: Due, other: Due): boolean =>
  one.at < other.at || (one.at === other.at && one.turn < other.turn);

/** Steps after which the machine's own events get their turn. */
const BREATH_STEPS = 5_000;

/** Time that goes on when all that could run has run: nothing waits for a real timer. */
export class VirtualTime {
  readonly #chance: Chance;
  /** A binary heap. */
  readonly #heap: Due[] = [];
  /** Ms since 1970. */
  now: number;
  steps = 0;

  constructor(now: number, chance: Chance) {
    this.now = now;
    this.#chance = chance;
  }

  after(ms: number, deed: () => void): void {
    const due = { at: this.now + Math.max(0, ms), turn: this.#chance.below(2 ** 30), deed };
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    for (let parent = (at - 1) >> 1; at > 0; at = parent, parent = (at - 1) >> 1) {
      const above = heap[parent];
      if (above === undefined || !isBefore(due, above)) break;
      heap[at] = above;
      heap[parent] = due;
    }
  }

  /** Until it is `until`, nothing is left to happen, or `isOver` says so after a step. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    await settled();
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#removeFirst();
      this.now = next.at;
      this.steps += 1;
      next.deed();
      await (this.steps % BREATH_STEPS === 0 ? breath() : settled());
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const one = heap[left];
      const other = heap[right];
      if (one === undefined) break;
      const child = other !== undefined && isBefore(other, one) ? right : left;
      const least = heap[child];
      if (least === undefined || !isBefore(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}

/** Node runs a tick that was asked for by a promise's reaction once no reaction is left to run. */
const settled = async (): Promise<void> => await new Promise((resolve) => process.nextTick(resolve));
const breath = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));
