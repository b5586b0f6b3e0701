import type { Clock } from "../../kernel/ports.ts";

/**
 * How long somebody who should speak has been waited for. Only the waiting counts: while what was said is being dealt with,
 * nobody listens, and the speaker may well be held up by us.
 */
export class Hearing {
  readonly #clock: Clock;
  /** Since when the next chunk is waited for, ms since 1970; undefined: nobody listens. */
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The same chunks, listened to. */
  async *of<Chunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
    this.#since = this.#clock.now();
    for await (const chunk of chunks) {
      this.#since = undefined;
      yield chunk;
      this.#since = this.#clock.now();
    }
  }

  /** Ms. A clock that is set back does not make silence look young for longer than it was set back. */
  silentMs(): number {
    if (this.#since === undefined) return 0;
    const now = this.#clock.now();
    this.#since = Math.min(this.#since, now);
    return now - this.#since;
  }
}
