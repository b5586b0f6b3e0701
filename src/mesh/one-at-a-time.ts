/** Steps that must not run beside each other, by what they are about: each waits for those before it. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether a step about that runs or waits. */
  has(key: string): boolean {
    return this.#last.has(key);
  }

  /** Runs `step` when those before it have ended, however they did. Rejects with what it throws. */
  async take<Value>(key: string, step: () => Promise<Value>): Promise<Value> {
    const done = (this.#last.get(key) ?? Promise.resolve()).then(step);
    const turn = done.catch(() => undefined);
    this.#last.set(key, turn);
    try {
      return await done;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
