/** What was done to a record, by counter, and the sums over a batch. */
import { COUNTERS_MAX, COUNTS, RULE_OF, RULES, RULES_SEEN, TOTALS, TOUCHED } from "../layout";

/** The end of the list of counters that this record moved. */
let top: i32 = TOUCHED;
/** Number of this record in the batch, from 1. */
let turn: i32 = 0;

/** Counts once more; counter 0 is for what is not counted. */
// @ts-ignore: decorator
@inline
export function tick(counter: i32): void {
  if (counter == 0) return;
  const at = COUNTS + (counter << 2);
  const before: i32 = load<i32>(at);
  if (before == 0) {
    store<i32>(top, counter);
    top += 4;
  }
  store<i32>(at, before + 1);
}

/** Forgets the record before. */
export function forgetCounts(): void {
  while (top > TOUCHED) {
    top -= 4;
    store<i32>(COUNTS + (<i32>load<i32>(top) << 2), 0);
  }
}

/** How many counters this record moved. */
export function touched(): i32 {
  return (top - TOUCHED) >> 2;
}

/** Sums begin: those of so many counters, and so of as many rules, are 0. */
export function beginSums(counters: i32): void {
  turn = 0;
  const bytes = (min(counters, COUNTERS_MAX - 1) + 1) << 2;
  memory.fill(TOTALS, 0, bytes);
  memory.fill(RULES, 0, bytes);
  memory.fill(RULES_SEEN, 0, bytes);
}

/** Adds the record to the sums; a rule counts once for a record, however many values it changed. */
export function addToSums(): void {
  turn++;
  for (let at = TOUCHED; at < top; at += 4) {
    const counter: i32 = load<i32>(at);
    const total = TOTALS + (counter << 2);
    store<i32>(total, load<i32>(total) + load<i32>(COUNTS + (counter << 2)));
    const rule: i32 = load<i32>(RULE_OF + (counter << 2));
    if (rule == 0 || load<i32>(RULES_SEEN + (rule << 2)) == turn) continue;
    store<i32>(RULES_SEEN + (rule << 2), turn);
    store<i32>(RULES + (rule << 2), load<i32>(RULES + (rule << 2)) + 1);
  }
}
