/** A place in a line. */
export interface Ticket {
  /** Resolves when everybody before has left. */
  readonly turn: Promise<void>;
  /** Leaves; a second time does nothing. */
  leave(): void;
}

/** Lets one after the other through, in the order in which they drew their tickets. */
export class Line {
  #last: Promise<void> = Promise.resolve();

  draw(): Ticket {
    const turn = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    // Who leaves before its turn does not let the one behind it in early.
    this.#last = Promise.all([turn, promise]).then(() => undefined);
    return { turn, leave: resolve };
  }
}
