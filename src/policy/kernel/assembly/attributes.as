/** Attributes of the event that leaves, and the attributes that came with it; what is not plain text is the host's. */
import {
  CAPTURE_ID, CAPTURED, FROM_CAPTURE, FROM_EVENT, HEADER_BYTES, MARK_ID, MARK_SOURCE, MARK_SUBJECT, MARK_TIME, MARK_TYPE, MARK_VERSION, MARKED,
} from "../batch-layout";
import { isListed } from "./check";
import { isDateTime } from "./date";
import { marked } from "./headers";
import { same } from "./memory";
import { isDigit } from "./number";

export const ABSENT: i32 = 0;
export const PRESENT: i32 = 1;
/** The host decides the record. */
export const UNSURE: i32 = -1;

/** The last text that was found. */
export let textFrom: i32 = 0;
export let textLength: i32 = 0;

/** Attributes that came with the record; 0: they did not. */
let idFrom: i32 = 0;
let idLength: i32 = 0;
let subjectFrom: i32 = 0;
let subjectLength: i32 = 0;
let timeFrom: i32 = 0;
let timeLength: i32 = 0;

/** ASCII without control characters and backslashes. */
function isPlain(from: i32, length: i32): bool {
  for (let k = 0; k < length; k += 16) {
    const bytes = v128.load(from + k);
    const odd = v128.or(i8x16.eq(bytes, i8x16.splat(0x5c)), v128.or(i8x16.eq(bytes, i8x16.splat(0x7f)), i8x16.lt_s(bytes, i8x16.splat(0x20))));
    const found = i8x16.bitmask(odd);
    const left = length - k;
    if ((left < 16 ? found & ((1 << left) - 1) : found) != 0) return false;
  }
  return true;
}

/** Finds an attribute by where it comes from; `capture` says which one. `isTime`: only what is a time will do. */
export function findText(origin: i32, capture: i32, isTime: bool): i32 {
  if (origin == FROM_EVENT) {
    if (isTime) return given(timeFrom, timeLength);
    return capture == CAPTURE_ID ? given(idFrom, idLength) : given(subjectFrom, subjectLength);
  }
  return origin == FROM_CAPTURE ? captured(capture, isTime) : ABSENT;
}

function given(from: i32, length: i32): i32 {
  textFrom = from;
  textLength = length;
  return from == 0 ? ABSENT : PRESENT;
}

/** A string, or the text of a number, of the value that leaves; CloudEvents 1.0.2 §3: an attribute that is there is not empty. */
function captured(capture: i32, isTime: bool): i32 {
  const from: i32 = load<i32>(CAPTURED + (capture << 3));
  const to: i32 = load<i32>(CAPTURED + (capture << 3) + 4);
  if (from == 0) return ABSENT;
  const first: i32 = load<u8>(from);
  if (first == 0x22) {
    textFrom = from + 1;
    textLength = to - from - 2;
    if (textLength == 0) return ABSENT;
    if (!isPlain(textFrom, textLength)) return UNSURE;
    return !isTime || isDateTime(from, to) ? PRESENT : UNSURE;
  }
  if (isTime || !(first == 0x2d || isDigit(first))) return ABSENT;
  textFrom = from;
  textLength = to - from;
  return PRESENT;
}

/** The key that a field gives: a string of whatever characters but escapes, also an empty one, or the text of a number. */
export function findKey(capture: i32): i32 {
  const from: i32 = load<i32>(CAPTURED + (capture << 3));
  const to: i32 = load<i32>(CAPTURED + (capture << 3) + 4);
  if (from == 0) return ABSENT;
  const first: i32 = load<u8>(from);
  const isText = first == 0x22;
  if (!isText && first != 0x2d && !isDigit(first)) return ABSENT;
  textFrom = isText ? from + 1 : from;
  textLength = isText ? to - from - 2 : to - from;
  for (let k = 0; k < textLength; k += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(textFrom + k), i8x16.splat(0x5c)));
    const left = textLength - k;
    if ((left < 16 ? found & ((1 << left) - 1) : found) != 0) return UNSURE;
  }
  return PRESENT;
}

/** Is the record an event (Kafka binding of CloudEvents, §3.2) whose attributes are all plain? `known`: the headers that mean something. */
export function isEvent(known: i32): bool {
  idFrom = 0;
  subjectFrom = 0;
  timeFrom = 0;
  let has = 0;
  for (let k = 0; k < marked; k++) {
    const row = MARKED + k * HEADER_BYTES;
    const name: i32 = load<i32>(row);
    const nameLength: i32 = load<i32>(row + 4);
    const value: i32 = load<i32>(row + 8);
    const length: i32 = load<i32>(row + 12);
    if (length < 0 || !isPlain(value, length) || isDouble(k, name, nameLength)) return false;
    const rule = ruleOf(known, name, nameLength);
    if (rule == 0) continue;
    if (!holds(rule, value, length)) return false;
    has |= 1 << <i32>load<i32>(rule);
  }
  return (has & REQUIRED) == REQUIRED;
}

const REQUIRED: i32 = (1 << MARK_ID) | (1 << MARK_SOURCE) | (1 << MARK_VERSION) | (1 << MARK_TYPE);

function isDouble(before: i32, name: i32, length: i32): bool {
  for (let k = 0; k < before; k++) {
    const row = MARKED + k * HEADER_BYTES;
    if (load<i32>(row + 4) == length && same(load<i32>(row), name, length)) return true;
  }
  return false;
}

/** What is known of a header of this name, or 0. */
function ruleOf(known: i32, name: i32, length: i32): i32 {
  const end = known + 8 + (<i32>load<i32>(known) << 4);
  for (let rule = known + 8; rule < end; rule += 16) {
    if (load<i32>(rule + 8) == length && same(load<i32>(rule + 4), name, length)) return rule;
  }
  return 0;
}

/** May the attribute have this text? Where it may only be one of a few, the others are the host's. */
function holds(rule: i32, from: i32, length: i32): bool {
  const values: i32 = load<i32>(rule + 12);
  if (values != 0) return isListed(values, from, length);
  const mark: i32 = load<i32>(rule);
  if (length == 0 || (mark == MARK_SOURCE && !isUri(from, length))) return false;
  if (mark == MARK_ID) {
    idFrom = from;
    idLength = length;
  } else if (mark == MARK_SUBJECT) {
    subjectFrom = from;
    subjectLength = length;
  } else if (mark == MARK_TIME) {
    timeFrom = from;
    timeLength = length;
    // Where the quotes of a token would be stands what is not looked at.
    return isDateTime(from - 1, from + length + 1);
  }
  return true;
}

/** RFC 3986: some characters stand in no URI. A backslash is not plain. */
function isUri(from: i32, length: i32): bool {
  for (let k = 0; k < length; k++) {
    const c: i32 = load<u8>(from + k);
    if (c == 0x20 || c == 0x22 || c == 0x3c || c == 0x3e || c == 0x5e || c == 0x60 || (c >= 0x7b && c <= 0x7d)) return false;
  }
  return true;
}
