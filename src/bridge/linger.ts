import { LIMITS } from "../kernel/limits.ts";
import type { Clock } from "../kernel/ports.ts";

interface Frame {
  readonly body: Uint8Array;
}

/** A frame as large as this was cut from a backlog: more lies ready behind it. */
const BACKLOG_FRAME_BYTES = 128 * 1024;
const ENOUGH_BYTES = LIMITS.transactionBytesTarget / 2;
const LINGER_MS = 50;

/**
 * A transaction costs a cluster much the same whatever is in it. So where a stream catches up, large frames wait a moment for
 * those right behind them; what comes little by little never waits.
 */
export class Linger {
  readonly #clock: Pick<Clock, "sleep">;
  #news = Promise.withResolvers<void>();

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /** A frame came. */
  wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** Resolves when what is held is to go: at once, or when it is enough, or after a moment. `held` is asked again at each `wake`. */
  async over(held: () => readonly Frame[], signal: AbortSignal): Promise<void> {
    if (!growsOn(held())) return;
    let isOver = false;
    const moment = this.#clock.sleep(LINGER_MS, signal).then(() => {
      isOver = true;
    });
    while (!isOver && growsOn(held())) await Promise.race([moment, this.#news.promise]);
  }
}

/** Are these few, with more right behind? */
function growsOn(frames: readonly Frame[]): boolean {
  const last = frames.at(-1)?.body.length ?? 0;
  return last >= BACKLOG_FRAME_BYTES && frames.reduce((sum, { body }) => sum + body.length, 0) < ENOUGH_BYTES;
}
