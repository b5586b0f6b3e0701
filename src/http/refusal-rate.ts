import { Allowance } from "../kernel/allowance.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Refusal } from "./access.ts";

/**
 * Tells refusals one by one while they are few, and counts the rest into the next one told: each is a durable record, and whoever
 * can reach the port can be refused. `now` in milliseconds since 1970.
 */
export function tellSome(
  tell: (refusal: Refusal) => void,
  now: () => number,
): (refusal: Omit<Refusal, "untold">) => void {
  const allowance = new Allowance(LIMITS.http.refusalsTold, now());
  let untold = 0;
  return (refusal) => {
    if (!allowance.take(now())) {
      untold += 1;
      return;
    }
    tell({ ...refusal, untold });
    untold = 0;
  };
}
