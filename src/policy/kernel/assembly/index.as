/**
 * The policy kernel: one pass over the JSON bytes of a value, from which leaves what the plan in memory lets through. It says only
 * "here are the bytes", "these conditions are not met", or "not mine"; of values one by one, of runs of them, or of whole batches.
 */
import { FAULT_UNMET, OUTPUT, SPANS, SPANS_MAX } from "../layout";
import { fillHoles } from "./base64";
import { met } from "./condition";
import { unpackLz4 } from "./lz4";
import { out, setOut } from "./memory";
import { hash } from "./names";
import { addToSums, beginSums, touched } from "./tally";
import { usePlan, value } from "./value";
import { walk } from "./walk";

export { beginSums, fillHoles, hash, touched, unpackLz4, usePlan, walk };

/** The conditions that the last value met. */
export function metConditions(): i32 {
  return met;
}

/** One value of INPUT, to the start of OUTPUT. Returns the bytes that leave, or the negative of a fault. */
export function project(from: i32, length: i32): i32 {
  setOut(OUTPUT);
  return value(from, length);
}

/**
 * Values of a run by their spans, their outcomes one behind the other, from the span numbered `first`. What leaves is counted in
 * the sums. Ends early where OUTPUT is nearly full; returns the number of the first value that was not looked at.
 */
export function projectSpans(first: i32, count: i32, room: i32): i32 {
  if (count > SPANS_MAX) return first;
  setOut(OUTPUT);
  for (let k = first; k < count; k++) {
    const span = SPANS + (k << 3);
    const start = out;
    if (k > first && start > OUTPUT + room) return k;
    const outcome = value(load<i32>(span), load<i32>(span + 4));
    if (outcome < 0) setOut(start);
    else addToSums();
    store<i32>(span, start);
    store<i32>(span + 4, outcome == -FAULT_UNMET ? -(met << 8) - FAULT_UNMET : outcome);
  }
  return count;
}
