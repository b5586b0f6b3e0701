import { setImmediate as turn } from "node:timers/promises";

/** So long a piece of work may keep everything else that the thread does waiting, ms. */
const TURN_MS = 10;

/**
 * The same values. What is at hand is gone through without a pause, as a log of a million decisions would be for a minute; so every
 * few milliseconds whatever else the thread has to do comes first.
 */
export async function* inTurns<Value>(
  values: Iterable<Value> | AsyncIterable<Value>,
): AsyncGenerator<Value, void, undefined> {
  let began = performance.now();
  for await (const value of values) {
    if (performance.now() - began > TURN_MS) {
      await turn();
      began = performance.now();
    }
    yield value;
  }
}
