/** One value that lives by an action: check, then edit. What is not plain is the host's, whose pure outcomes are remembered. */
import {
  CELL_COUNTER, FAULT_CHECK, FAULT_HOST, FAULT_OUTPUT, HAS_BOUNDS, HAS_CHECK, HAS_DATE, HAS_DATE_TIME, HAS_ENUM, HAS_TYPES, HOST_DROPPED, MEMO_OUTCOME_BYTES,
  NODE_ARGUMENT, NODE_BOUNDS, NODE_CONDITIONS, NODE_COUNTER, NODE_DROPPED, NODE_HAS, NODE_INDEX, NODE_MEMO, NODE_RECENT,
  NODE_SCALE, NODE_TEXT, NODE_TEXT_LENGTH, NODE_TYPES, OP_CONSTANT, OP_DATE, OP_DROP, OP_HOST, OP_NULL,
  OP_ROUND, OP_SHARE, TYPE_ARRAY, TYPE_NUMBER, TYPE_OBJECT, TYPE_STRING,
} from "../layout";
import { ASK, boundsHold, BROKEN, containerHolds, HOLDS, literalHolds, numberHolds, TEXT_DEMANDS, textHolds } from "./check";
import { meet } from "./condition";
import { hasDate, know, putKnown, putStart } from "./date";
import { fail, fits, gone, out, OUTPUT_END, put, putBytes, setGone, setOut } from "./memory";
import { find, follow, guess, isFor, learn, recall } from "./memo";
import { isDigit, isMeasured, measured, number, parse } from "./number";
import { items, putCompact, skip } from "./skip";
import { round, roundedAtOnce } from "./round";
import { tick } from "./tally";
import { anyText, escaped, literal, wide } from "./text";

/** Asks TypeScript what becomes of a token. Answers the length of what it wrote, HOST_DROPPED, or less: not for the kernel. */
@external("env", "host")
export declare function host(node: i32, from: i32, length: i32, to: i32, most: i32): i32;

const QUOTE: i32 = 0x22;
/** Of anything but text and containers: a number has 40 bytes at most, `null` four. */
const SHORT: i32 = 64;

/** Bytes of a date with its quotes. */
const DATE_TOKEN: i32 = 12;

/** A date that is truncated where nothing asks for more than that it is one, or `leaf`. */
export function datedLeaf(from: i32, node: i32, depth: i32): i32 {
  const demands: i32 = (load<i32>(node + NODE_HAS) & TEXT_DEMANDS) ^ HAS_DATE;
  const isPlain = (<i32>load<i32>(node + NODE_TYPES) & TYPE_STRING) != 0 && (demands | load<i32>(node + NODE_CONDITIONS)) == 0;
  const isQuoted = load<u8>(from) == QUOTE && load<u8>(from + DATE_TOKEN - 1) == QUOTE;
  if (!isPlain || !isQuoted) return leaf(from, node, OP_DATE, depth);
  if (!fits(SHORT)) return fail(FAULT_OUTPUT);
  const unit: i32 = load<i32>(node + NODE_ARGUMENT);
  if (!putKnown(from, unit)) {
    if (!hasDate(from + 1)) return leaf(from, node, OP_DATE, depth);
    const start = out;
    putStart(from, from + DATE_TOKEN, unit, true);
    know(from, unit, start);
  }
  tick(load<i32>(node + NODE_COUNTER));
  return from + DATE_TOKEN;
}

/** A number that is rounded where nothing asks for more than its type and bounds, or `leaf`. */
export function roundedLeaf(from: i32, node: i32, depth: i32): i32 {
  if (!fits(SHORT)) return fail(FAULT_OUTPUT);
  const behind = roundedAtOnce(from, node);
  if (behind != 0) {
    tick(load<i32>(node + NODE_COUNTER));
    return behind;
  }
  const first: i32 = load<u8>(from);
  const demands: i32 = load<i32>(node + NODE_HAS) & HAS_ENUM;
  const isPlain = (<i32>load<i32>(node + NODE_TYPES) & TYPE_NUMBER) != 0 && (demands | load<i32>(node + NODE_CONDITIONS)) == 0;
  if (!isPlain || !(first == 0x2d || isDigit(first))) return leaf(from, node, OP_ROUND, depth);
  const to = measured(from);
  if (to == 0) return 0;
  if (!isMeasured() || (<i32>load<i32>(node + NODE_HAS) & HAS_BOUNDS) != 0 && boundsHold(load<i32>(node + NODE_BOUNDS)) != HOLDS) {
    return leaf(from, node, OP_ROUND, depth);
  }
  if (!fits(SHORT)) return fail(FAULT_OUTPUT);
  if (!round(node)) return ask(node, from, to) == 0 ? 0 : to;
  tick(load<i32>(node + NODE_COUNTER));
  return to;
}

/** A text that the host decides, which mostly is known already; or `leaf`. */
export function hostLeaf(from: i32, node: i32, depth: i32): i32 {
  const rule: i32 = load<i32>(node + NODE_MEMO);
  if (load<u8>(from) == QUOTE && rule != 0 && load<i32>(node + NODE_CONDITIONS) == 0 && fits(MEMO_OUTCOME_BYTES)) {
    const known = guess(load<i32>(node + NODE_RECENT), rule, from);
    if (known != 0) {
      store<i32>(node + NODE_RECENT, known);
      settle(node, recall(known), 0);
      return from + load<i32>(known + 4);
    }
  }
  return leaf(from, node, OP_HOST, depth);
}

/** Reads a value and makes of it what the node says. Returns the index behind it, or 0; `gone` says whether nothing is left. */
export function leaf(from: i32, node: i32, op: i32, depth: i32): i32 {
  const first: i32 = load<u8>(from);
  const isChecked = (<i32>load<i32>(node + NODE_HAS) & HAS_CHECK) != 0;
  let holds = HOLDS;
  let to: i32;
  if (first == QUOTE) {
    to = anyText(from);
    if (isChecked && to != 0) holds = textHolds(node, from, to);
  } else if (first == 0x7b || first == 0x5b) {
    to = skip(from, depth);
    if (isChecked) holds = containerHolds(node, first, items);
  } else if (first == 0x2d || isDigit(first)) {
    to = op == OP_ROUND ? measured(from) : number(from);
    if (isChecked && to != 0) holds = numberHolds(node, from, to);
  } else {
    to = literal(from);
    if (isChecked) holds = literalHolds(node, first);
  }
  if (to == 0 || meet(node, from, to) == 0) return 0;
  if (holds == BROKEN) return fail(FAULT_CHECK);
  const done = holds == ASK || op == OP_HOST ? ask(node, from, to) : edit(node, op, first, from, to);
  return done == 0 ? 0 : to;
}

function edit(node: i32, op: i32, first: i32, from: i32, to: i32): i32 {
  if (op == OP_SHARE) return share(node, first, from, to);
  if (op <= OP_CONSTANT) return blind(node, op);
  if (!fits(to - from + SHORT)) return fail(FAULT_OUTPUT);
  if (op == OP_ROUND) {
    if (first != 0x2d && !isDigit(first)) return drop(node);
    if (!parse(from, to) || !round(node)) return ask(node, from, to);
  } else {
    if (first != QUOTE) return drop(node);
    const isPlain = escaped == 0 && (op == OP_DATE ? putDate(node, from, to) : prefix(node, from, to));
    if (!isPlain) return ask(node, from, to);
  }
  tick(load<i32>(node + NODE_COUNTER));
  return 1;
}

/** What does not depend on the value. */
export function blind(node: i32, op: i32): i32 {
  tick(load<i32>(node + NODE_COUNTER));
  if (op == OP_DROP) {
    setGone(1);
    return 1;
  }
  const length: i32 = op == OP_NULL ? 4 : load<i32>(node + NODE_TEXT_LENGTH);
  if (!fits(length)) return fail(FAULT_OUTPUT);
  if (op == OP_NULL) {
    store<i32>(out, 0x6c6c756e);
    setOut(out + 4);
  } else putBytes(load<i32>(node + NODE_TEXT), length);
  return 1;
}

/** A container leaves whole only where the schema says that one stands there. */
function share(node: i32, first: i32, from: i32, to: i32): i32 {
  if (first == 0x7b || first == 0x5b) {
    const type = first == 0x7b ? TYPE_OBJECT : TYPE_ARRAY;
    const isExpected = (<i32>load<i32>(node + NODE_HAS) & HAS_TYPES) != 0 && (<i32>load<i32>(node + NODE_TYPES) & type) != 0;
    return isExpected ? putCompact(from, to) : drop(node);
  }
  if (!fits(to - from)) return fail(FAULT_OUTPUT);
  putBytes(from, to - from);
  return 1;
}

/** The action does not take such a value. */
function drop(node: i32): i32 {
  tick(load<i32>(node + NODE_DROPPED));
  setGone(1);
  return 1;
}

// @ts-ignore: decorator
@inline
function putDate(node: i32, from: i32, to: i32): bool {
  const held = (<i32>load<i32>(node + NODE_HAS) & (HAS_DATE | HAS_DATE_TIME)) != 0;
  return putStart(from, to, load<i32>(node + NODE_ARGUMENT), held);
}

/** The first characters of the text that was just read; null for a shorter one; false: it is not ASCII. */
function prefix(node: i32, from: i32, to: i32): bool {
  if (wide != 0) return false;
  const length: i32 = load<i32>(node + NODE_ARGUMENT);
  if (to - from - 2 < load<i32>(node + NODE_SCALE)) {
    store<i32>(out, 0x6c6c756e);
    setOut(out + 4);
  } else {
    putBytes(from, length + 1);
    put(QUOTE);
  }
  return true;
}

/** The outcome that is remembered, or the host's. */
function ask(node: i32, from: i32, to: i32): i32 {
  const rule: i32 = load<i32>(node + NODE_MEMO);
  const length = to - from;
  if (!fits(MEMO_OUTCOME_BYTES)) return fail(FAULT_OUTPUT);
  const recent: i32 = load<i32>(node + NODE_RECENT);
  if (rule != 0) {
    // In many fields the same value comes again and again.
    const known = recent != 0 && isFor(recent, rule, from, length) ? recent : find(rule, from, length);
    store<i32>(node + NODE_RECENT, known);
    if (known != recent) follow(recent, known, from);
    if (known != 0) return settle(node, recall(known), 0);
  }
  store<i32>(CELL_COUNTER, 0);
  const most = OUTPUT_END - out;
  const written = host(load<i32>(node + NODE_INDEX), from, length, out, most);
  if (written < HOST_DROPPED || written == 0 || written > most) return fail(FAULT_HOST);
  const counter: i32 = load<i32>(CELL_COUNTER);
  if (rule != 0 && counter == 0) {
    const learned = learn(rule, from, length, out, written);
    store<i32>(node + NODE_RECENT, learned);
    follow(recent, learned, from);
  }
  if (written > 0) setOut(out + written);
  return settle(node, written, counter);
}

/** Counts an outcome: by the host's counter, or the node's own. */
function settle(node: i32, written: i32, counter: i32): i32 {
  if (written == HOST_DROPPED) {
    tick(counter != 0 ? counter : load<i32>(node + NODE_DROPPED));
    setGone(1);
  } else tick(counter != 0 ? counter : load<i32>(node + NODE_COUNTER));
  return 1;
}
