/**
 * The policy kernel: one pass over the JSON bytes of a value, from which leaves what the plan in memory lets through. It says only
 * "here are the bytes", "these conditions are not met", or "not mine".
 */
import {
  FAULT_INPUT, FAULT_NOTHING, FAULT_SYNTAX, FAULT_UNMET, INPUT, INPUT_BYTES, OUTPUT, SPANS, SPANS_MAX,
} from "../layout";
import { forgetConditions, met } from "./condition";
import { fault, gone, out, setFault, setOut } from "./memory";
import { forgetExpected, forgetNames, hash } from "./names";
import { rule } from "./rule";
import { setItemsMax } from "./skip";
import { addToSums, beginSums, forgetCounts, touched } from "./tally";
import { space } from "./text";

export { beginSums, hash, touched };

let root: i32 = 0;
let depthMax: i32 = 0;
let wanted: i32 = 0;

/** The plan that rules from now on: its root, its limits, and a bit for each condition. */
export function usePlan(rootNode: i32, depth: i32, items: i32, conditions: i32): void {
  root = rootNode;
  depthMax = depth;
  wanted = conditions;
  setItemsMax(items);
  forgetExpected();
}

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
 * Values of a batch by their spans, their outcomes one behind the other, from the span numbered `first`. What leaves is counted in
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

/**
 * Values lie back to back: the byte behind this one belongs to its neighbour. While the value is read it is 1, which no token
 * holds and no space is, so that every reader stops there without asking where the end is.
 */
function value(from: i32, length: i32): i32 {
  if (from < INPUT || length < 0 || length > INPUT_BYTES || from > INPUT + INPUT_BYTES - length) return -FAULT_INPUT;
  const end = from + length;
  const neighbour: i32 = load<u8>(end);
  store<u8>(end, 1);
  const outcome = projected(from, end);
  store<u8>(end, neighbour);
  return outcome;
}

function projected(from: i32, end: i32): i32 {
  setFault(FAULT_SYNTAX);
  forgetNames();
  forgetCounts();
  forgetConditions();
  const start = out;
  let at = rule(space(from), root, depthMax);
  if (at == 0) return -fault;
  at = space(at);
  if (at != end) return -FAULT_SYNTAX;
  if (gone != 0) return -FAULT_NOTHING;
  return met == wanted ? out - start : -FAULT_UNMET;
}
