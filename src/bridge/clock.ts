import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../kernel/ports.ts";

/** Node fires a longer timer at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The machine's own time. Wall clock: it may jump, so measure no durations with it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 && signal?.aborted !== true; left -= TIMER_MS_MAX) {
      // An abort ends the sleep early and is no error: who sleeps looks at the signal afterwards.
      const options = signal === undefined ? {} : { signal };
      await delay(Math.min(left, TIMER_MS_MAX), undefined, options).catch(() => undefined);
    }
  },
};
