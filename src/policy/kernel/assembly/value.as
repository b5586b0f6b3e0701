/** One value under the plan in memory, which stands among its neighbours. */
import { FAULT_INPUT, FAULT_NOTHING, FAULT_SYNTAX, FAULT_UNMET, INPUT, INPUT_BYTES } from "../layout";
import { forgetConditions, met } from "./condition";
import { fault, gone, out, setFault } from "./memory";
import { forgetExpected, forgetNames } from "./names";
import { layPowers } from "./round";
import { rule } from "./rule";
import { setItemsMax } from "./skip";
import { forgetCounts } from "./tally";
import { layMarks, space } from "./text";

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
  layMarks();
  layPowers();
}

/**
 * Appends what leaves of a value of INPUT. Returns its length, or the negative of a fault. Values lie back to back: the byte behind
 * this one belongs to its neighbour. While the value is read it is 1, which no token holds and no space is, so that every reader stops
 * there without asking where the end is.
 */
export function value(from: i32, length: i32): i32 {
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
