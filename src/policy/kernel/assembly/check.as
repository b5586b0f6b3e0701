/** What the wire schema demands of one value. A reader answers 1: it holds, 0: ask the host, −1: it does not. */
import {
  BOUND_BYTES, BOUND_EXCLUSIVE_MAXIMUM, BOUND_EXCLUSIVE_MINIMUM, BOUND_MAXIMUM, BOUND_MINIMUM,
  HAS_BOUNDS, HAS_DATE, HAS_DATE_TIME, HAS_ENUM, HAS_ITEMS, HAS_LENGTH, HAS_OUTLINE, HAS_UUID, NODE_BOUNDS, NODE_ENUM, NODE_HAS,
  NODE_ITEMS_LEAST, NODE_ITEMS_MOST, NODE_LENGTH_LEAST, NODE_LENGTH_MOST, NODE_OUTLINE, NODE_TYPES, OUTLINE_SET_BYTES, OUTLINE_SETS,
  TYPE_ARRAY, TYPE_BOOLEAN, TYPE_INTEGER, TYPE_NULL, TYPE_NUMBER, TYPE_OBJECT, TYPE_STRING,
} from "../layout";
import { isDate, isDateTime } from "./date";
import { same } from "./memory";
import { exponent, isWhole, parse, raise, scale, units } from "./number";
import { characters, escaped, hex, wide } from "./text";

export const HOLDS: i32 = 1;
export const ASK: i32 = 0;
export const BROKEN: i32 = -1;

/** What a check may demand of a text besides its type. */
export const TEXT_DEMANDS: i32 = HAS_LENGTH | HAS_ENUM | HAS_OUTLINE | HAS_DATE | HAS_DATE_TIME | HAS_UUID;

/** Of the string that was just read, from its quote to behind the other. */
export function textHolds(node: i32, from: i32, to: i32): i32 {
  if ((<i32>load<i32>(node + NODE_TYPES) & TYPE_STRING) == 0) return BROKEN;
  const has: i32 = load<i32>(node + NODE_HAS);
  if ((has & TEXT_DEMANDS) == 0) return HOLDS;
  if (escaped != 0) return ASK;
  if ((has & HAS_LENGTH) != 0) {
    const count = characters(from, to);
    if (count < load<i32>(node + NODE_LENGTH_LEAST) || count > load<i32>(node + NODE_LENGTH_MOST)) return BROKEN;
  }
  if ((has & HAS_ENUM) != 0 && !isListed(load<i32>(node + NODE_ENUM), from + 1, to - from - 2)) return BROKEN;
  if ((has & HAS_OUTLINE) != 0) {
    if (wide != 0) return ASK;
    if (!isOutlined(load<i32>(node + NODE_OUTLINE), from + 1, to - from - 2)) return BROKEN;
  }
  if ((has & HAS_DATE) != 0) return isDate(from, to) ? HOLDS : ASK;
  if ((has & HAS_DATE_TIME) != 0) return isDateTime(from, to) ? HOLDS : ASK;
  if ((has & HAS_UUID) != 0) return isUuid(from + 1, to - from - 2) ? HOLDS : ASK;
  return HOLDS;
}

/** Of the number that was just read. */
export function numberHolds(node: i32, from: i32, to: i32): i32 {
  const types: i32 = load<i32>(node + NODE_TYPES);
  if ((types & TYPE_NUMBER) == 0) {
    if ((types & TYPE_INTEGER) == 0) return BROKEN;
    if (exponent != 0) return ASK;
    if (!isWhole(to)) return BROKEN;
  }
  const has: i32 = load<i32>(node + NODE_HAS);
  if ((has & HAS_ENUM) != 0) return ASK;
  if ((has & HAS_BOUNDS) == 0) return HOLDS;
  return parse(from, to) ? boundsHold(load<i32>(node + NODE_BOUNDS)) : ASK;
}

/** Of a literal that begins with this character. */
export function literalHolds(node: i32, first: i32): i32 {
  const type = first == 0x6e ? TYPE_NULL : TYPE_BOOLEAN;
  if ((<i32>load<i32>(node + NODE_TYPES) & type) == 0) return BROKEN;
  return (<i32>load<i32>(node + NODE_HAS) & HAS_ENUM) != 0 ? ASK : HOLDS;
}

/** Of an object, or of an array of so many elements. */
export function containerHolds(node: i32, first: i32, items: i32): i32 {
  const isArray = first == 0x5b;
  if ((<i32>load<i32>(node + NODE_TYPES) & (isArray ? TYPE_ARRAY : TYPE_OBJECT)) == 0) return BROKEN;
  const has: i32 = load<i32>(node + NODE_HAS);
  if ((has & HAS_ENUM) != 0) return ASK;
  if (!isArray || (has & HAS_ITEMS) == 0) return HOLDS;
  return items >= load<i32>(node + NODE_ITEMS_LEAST) && items <= load<i32>(node + NODE_ITEMS_MOST) ? HOLDS : BROKEN;
}

/** Is the text in a list of texts? */
export function isListed(list: i32, from: i32, length: i32): bool {
  const end = list + 8 + (<i32>load<i32>(list) << 3);
  for (let row = list + 8; row < end; row += 8) {
    if (load<i32>(row + 4) == length && same(load<i32>(row), from, length)) return true;
  }
  return false;
}

/** Is each character of an ASCII text in the set of its place? */
function isOutlined(list: i32, from: i32, length: i32): bool {
  const places: i32 = load<i32>(list);
  if (length < places || length > load<i32>(list + 4)) return false;
  for (let k = 0; k < length; k++) {
    const c: i32 = load<u8>(from + k);
    const set = list + OUTLINE_SETS + min(k, places) * OUTLINE_SET_BYTES;
    if (((<i32>load<u8>(set + (c >> 3)) >> (c & 7)) & 1) == 0) return false;
  }
  return true;
}

/** Both sides are brought to one scale. */
export function boundsHold(list: i32): i32 {
  const end = list + 8 + load<i32>(list) * BOUND_BYTES;
  for (let row = list + 8; row < end; row += BOUND_BYTES) {
    const bound: i64 = load<i64>(row + 8);
    // Against zero no scale matters.
    if (bound == 0) {
      if (!isWithin(load<i32>(row), units, 0)) return BROKEN;
      continue;
    }
    const above = scale - load<i32>(row + 4);
    const left = above < 0 ? scaled(units, -above) : units;
    const right = above > 0 ? scaled(bound, above) : bound;
    if (left == i64.MIN_VALUE || right == i64.MIN_VALUE) return ASK;
    if (!isWithin(load<i32>(row), left, right)) return BROKEN;
  }
  return HOLDS;
}

/** The least i64: it does not fit. */
function scaled(value: i64, power: i32): i64 {
  const raised = raise(value < 0 ? -value : value, power);
  if (raised < 0) return i64.MIN_VALUE;
  return value < 0 ? -raised : raised;
}

function isWithin(kind: i32, value: i64, bound: i64): bool {
  if (kind == BOUND_MINIMUM) return value >= bound;
  if (kind == BOUND_MAXIMUM) return value <= bound;
  if (kind == BOUND_EXCLUSIVE_MINIMUM) return value > bound;
  if (kind == BOUND_EXCLUSIVE_MAXIMUM) return value < bound;
  return value % bound == 0;
}

/** RFC 9562 §4: hex digits in groups of 8, 4, 4, 4 and 12. */
function isUuid(from: i32, length: i32): bool {
  if (length != 36) return false;
  for (let k = 0; k < 36; k++) {
    const c: i32 = load<u8>(from + k);
    const isHyphen = k == 8 || k == 13 || k == 18 || k == 23;
    if (isHyphen ? c != 0x2d : hex(c) < 0) return false;
  }
  return true;
}
