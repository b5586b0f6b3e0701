import { LIMITS } from "../kernel/limits.ts";
import type { Refusal } from "./access.ts";

/**
 * Tells refusals one by one while they are few (a token bucket), and counts the rest into the next one told: each is a
 * durable record, and whoever can reach the port can be refused. `now` in milliseconds since 1970.
 */
export function tellSome(
  tell: (refusal: Refusal) => void,
  now: () => number,
): (refusal: Omit<Refusal, "untold">) => void {
  const { refusalsToldMax: most, refusalsToldPerSecond: perSecond } = LIMITS.http;
  let left: number = most;
  let filledAt = now();
  let untold = 0;
  return (refusal) => {
    const time = now();
    // A clock that was set back fills nothing.
    left = Math.min(most, left + (Math.max(0, time - filledAt) / 1000) * perSecond);
    filledAt = time;
    if (left < 1) {
      untold += 1;
      return;
    }
    left -= 1;
    tell({ ...refusal, untold });
    untold = 0;
  };
}
