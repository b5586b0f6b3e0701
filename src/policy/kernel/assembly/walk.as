/**
 * Whole batches: the records in INPUT one by one, each from its bytes to the record that leaves. What is the host's is handed out
 * where it stands, and so is everything that does not fit or is not sound.
 */
import {
  CAPTURE_KEY, CAPTURED, CELL_APPENDED, CELL_AT, CELL_BASE_OFFSET, CELL_BASE_TIME, CELL_BYTES_IN, CELL_BYTES_OUT, CELL_COUNT, CELL_DENIAL,
  CELL_DENIED, CELL_END, CELL_FIRST_TIME, CELL_FROM, CELL_HOLES, CELL_LAST, CELL_LATEST_TIME, CELL_LEFT, CELL_LENGTHS, CELL_NOW,
  CELL_OUT, CELL_PERMITTED, CELL_RECORD_END, CELL_UNTIL, DENIAL_FRESH, DENIAL_OLD, DENIAL_UNMET, DENIALS, DENIALS_MAX, FROM_RECORD, HOLES_MAX,
  KEY, KEY_BYTES, KEY_CAPTURE, KEY_DROP, KEY_HOST, KEY_NODE, KNOWN_DENIALS, KNOWN_DENIALS_MAX, TEMPLATE, TEMPLATE_BYTES_MAX,
  TEMPLATE_EVENT, TEMPLATE_KEY, TEMPLATE_KEY_MEMO, TEMPLATE_LEAST_MS, TEMPLATE_MOST_MS, TEMPLATE_TIME, TEMPLATE_UNIT,
  WALK_DONE, WALK_DOUBT, WALK_FULL, WALK_HOST, WALK_MORE, WALK_ON,
} from "../batch-layout";
import { FAULT_OUTPUT, FAULT_UNMET, HOST_DROPPED, INPUT_BYTES, OUTPUT } from "../layout";
import { ABSENT, findKey, isEvent, PRESENT, textFrom, textLength, UNSURE } from "./attributes";
import { met } from "./condition";
import { findAttributes, noteHoles, putHeaders, written } from "./envelope";
import { alien, readHeaders, size } from "./headers";
import { INSTANT_MOST, startOf } from "./instant";
import { host } from "./leaf";
import { find, learn, recall } from "./memo";
import { fits, out, put, setOut } from "./memory";
import { addToSums } from "./tally";
import { value } from "./value";
import { broken, cursor, int, long, moveTo, putVarint, sizeOf, startAt } from "./varint";

/** Times between these have differences that fit; what goes round on its way from a delta to a time lies beyond. */
const NEAR: i64 = 1 << 61;
/** Bytes of the varints before a value, and room for a short value. */
const ROOM: i32 = 128;

/** The record at hand: its parts, each with its length (−1: null), its time, and its offset less that of the batch. */
let keyFrom: i32 = 0;
let keyLength: i32 = 0;
let valueFrom: i32 = 0;
let valueLength: i32 = 0;
let time: i64 = 0;
let offsetDelta: i32 = 0;

/** Goes on with the batch that the cells tell of until it is done, or the host is needed: see `WALK_…`. */
export function walk(): i32 {
  while (<i32>load<i32>(CELL_LEFT) > 0) {
    const outcome = record();
    if (outcome != WALK_ON) return outcome;
  }
  return load<i32>(CELL_AT) == load<i32>(CELL_END) && load<i32>(CELL_LAST) != 0 ? WALK_DONE : WALK_DOUBT;
}

function record(): i32 {
  const end: i32 = load<i32>(CELL_END);
  const unsound = load<i32>(CELL_LAST) != 0 ? WALK_DOUBT : WALK_MORE;
  startAt(load<i32>(CELL_AT));
  const length = int();
  const from = cursor;
  if (broken || from > end || length < 0 || length > INPUT_BYTES || length > end - from) return unsound;
  const to = from + length;
  store<i32>(CELL_RECORD_END, to);
  store<i32>(CELL_DENIAL, 0);
  if (!readParts(to)) return WALK_DOUBT;
  const offset = load<i64>(CELL_BASE_OFFSET) + <i64>offsetDelta;
  if (offset < load<i64>(CELL_FROM) || offset >= load<i64>(CELL_UNTIL)) return passed();
  if (<i32>load<i32>(CELL_HOLES) >= HOLES_MAX || <i32>load<i32>(CELL_DENIED) >= DENIALS_MAX) return WALK_FULL;
  if (!isPlain()) return WALK_HOST;
  return decide(offset);
}

/** The host, or this, is done with the record at hand. */
function passed(): i32 {
  store<i32>(CELL_AT, load<i32>(CELL_RECORD_END));
  store<i32>(CELL_LEFT, <i32>load<i32>(CELL_LEFT) - 1);
  return WALK_ON;
}

/** Reads a record up to `to`; false: the bytes are not sound. A part that ends beyond leaves less than nothing for the next. */
function readParts(to: i32): bool {
  moveTo(cursor + 1);
  time = long();
  offsetDelta = int();
  keyLength = int();
  keyFrom = cursor;
  if (keyLength < -1 || keyLength > to - cursor) return false;
  if (keyLength > 0) moveTo(cursor + keyLength);
  valueLength = int();
  valueFrom = cursor;
  if (valueLength < -1 || valueLength > to - cursor) return false;
  if (valueLength > 0) moveTo(cursor + valueLength);
  return readHeaders(to) && !broken && cursor == to;
}

/** Is there nothing about the record that only the host knows? Makes a time of the time's delta. */
function isPlain(): bool {
  const base: i64 = load<i64>(CELL_BASE_TIME);
  time = load<i32>(CELL_APPENDED) != 0 ? base : base + time;
  if (valueLength < 0 || alien || bytes() > <i32>load<i32>(TEMPLATE + TEMPLATE_BYTES_MAX)) return false;
  const known: i32 = load<i32>(TEMPLATE + TEMPLATE_EVENT);
  return known == 0 || isEvent(known);
}

/** Bytes of key, value and headers. */
function bytes(): i32 {
  return max(keyLength, 0) + max(valueLength, 0) + size;
}

/** The record is younger or older than may leave. */
function ageDenial(): i32 {
  const least: f64 = load<f64>(TEMPLATE + TEMPLATE_LEAST_MS);
  const most: f64 = load<f64>(TEMPLATE + TEMPLATE_MOST_MS);
  const age = time < 0 ? NaN : <f64>load<f64>(CELL_NOW) - <f64>time;
  return (least > 0 && !(age >= least) ? DENIAL_FRESH : 0) | (most >= 0 && !(age <= most) ? DENIAL_OLD : 0);
}

/** There is no room behind what leaves: the host takes that away first, or else takes the record. */
function crowded(): i32 {
  return <i32>load<i32>(CELL_OUT) > OUTPUT ? WALK_FULL : WALK_HOST;
}

function decide(offset: i64): i32 {
  const age = ageDenial();
  const unit: i32 = load<i32>(TEMPLATE + TEMPLATE_UNIT);
  const isDated = unit >= 0 || load<i32>(TEMPLATE + TEMPLATE_TIME) == FROM_RECORD;
  if (isDated && (time < 0 || time > INSTANT_MOST)) return WALK_HOST;
  if (unit >= 0) time = startOf(time, unit);
  if (isDated && time < 0) return WALK_HOST;
  const index: i32 = load<i32>(CELL_COUNT);
  const first: i64 = index == 0 ? time : load<i64>(CELL_FIRST_TIME);
  if (time <= -NEAR || time >= NEAR || first <= -NEAR || first >= NEAR) return WALK_HOST;
  const bytesIn = bytes();
  if (!readyKey()) return WALK_HOST;
  const head = 1 + sizeOf(time - first) + sizeOf(index);
  const start: i32 = load<i32>(CELL_OUT);
  const body = start + head + sizeOf(keyLength) + max(keyLength, 0) + <i32>load<i32>(CELL_LENGTHS);
  setOut(body);
  v128.store(CAPTURED, i32x4.splat(0));
  v128.store(CAPTURED + 16, i32x4.splat(0));
  const length = value(valueFrom, valueLength);
  if (length == -FAULT_OUTPUT) return crowded();
  if (length == -FAULT_UNMET) return denied(age | DENIAL_UNMET | met, bytesIn);
  if (length < 0) return WALK_HOST;
  if (load<i32>(TEMPLATE + TEMPLATE_KEY) == KEY_CAPTURE && !takeKey()) return WALK_HOST;
  if (!findAttributes(time)) return WALK_HOST;
  if (age != 0) return denied(age | met, bytesIn);
  if (!putHeaders(time) || !fits(max(keyLength, 0) + ROOM)) return crowded();
  frame(time - first, index, body, length);
  noteHoles(offset, moved);
  store<i64>(CELL_FIRST_TIME, first);
  if (index == 0 || time > load<i64>(CELL_LATEST_TIME)) store<i64>(CELL_LATEST_TIME, time);
  store<i32>(CELL_COUNT, index + 1);
  store<i32>(CELL_PERMITTED, <i32>load<i32>(CELL_PERMITTED) + 1);
  store<i64>(CELL_BYTES_IN, load<i64>(CELL_BYTES_IN) + <i64>bytesIn);
  store<i64>(CELL_BYTES_OUT, load<i64>(CELL_BYTES_OUT) + <i64>(max(keyLength, 0) + length + written));
  addToSums();
  return passed();
}

/** A denial whose reasons the host knows is noted; another one is the host's. */
function denied(denial: i32, bytesIn: i32): i32 {
  store<i32>(CELL_DENIAL, denial);
  for (let k = 0; k < KNOWN_DENIALS_MAX; k++) {
    const known: i32 = load<i32>(KNOWN_DENIALS + (k << 2));
    if (known == 0) break;
    if (known != denial) continue;
    const count: i32 = load<i32>(CELL_DENIED);
    store<i32>(DENIALS + (count << 3), offsetDelta);
    store<i32>(DENIALS + (count << 3) + 4, denial);
    store<i32>(CELL_DENIED, count + 1);
    store<i64>(CELL_BYTES_IN, load<i64>(CELL_BYTES_IN) + <i64>bytesIn);
    return passed();
  }
  return WALK_HOST;
}

/** Makes the key that leaves of the one that came, unless it waits for the value; false: the host's. */
function readyKey(): bool {
  const rule: i32 = load<i32>(TEMPLATE + TEMPLATE_KEY);
  if (rule == KEY_DROP || rule == KEY_CAPTURE) keyLength = -1;
  return rule != KEY_HOST || keyLength < 0 || askForKey();
}

/** The host's outcomes for the same key are the same. */
function askForKey(): bool {
  const memo: i32 = load<i32>(TEMPLATE + TEMPLATE_KEY_MEMO);
  setOut(KEY);
  const known = find(memo, keyFrom, keyLength);
  let length: i32;
  if (known != 0) length = recall(known);
  else {
    length = host(KEY_NODE, keyFrom, keyLength, KEY, KEY_BYTES);
    if (length < HOST_DROPPED || length > KEY_BYTES) return false;
    learn(memo, keyFrom, keyLength, KEY, length);
  }
  keyFrom = KEY;
  keyLength = length;
  return true;
}

/** The key that the value gives. */
function takeKey(): bool {
  const found = findKey(CAPTURE_KEY);
  keyFrom = textFrom;
  keyLength = found == PRESENT ? textLength : -1;
  return found != UNSURE;
}

/** How far value and headers were moved by the last `frame`. */
let moved: i32 = 0;

/** Writes what stands before the value at `body`, and moves it to where that ends, if it is not there. */
function frame(delta: i64, index: i32, body: i32, length: i32): void {
  const start: i32 = load<i32>(CELL_OUT);
  const tail = out - body;
  const inner = 1 + sizeOf(delta) + sizeOf(index) + sizeOf(keyLength) + max(keyLength, 0) + sizeOf(length) + tail;
  const head = sizeOf(inner) + inner - tail;
  moved = start + head - body;
  if (moved != 0) {
    memory.copy(body + moved, body, tail);
    if (load<i32>(TEMPLATE + TEMPLATE_KEY) == KEY_CAPTURE) keyFrom += moved;
  }
  setOut(start);
  putVarint(inner);
  put(0);
  putVarint(delta);
  putVarint(index);
  putVarint(keyLength);
  if (keyLength > 0) {
    memory.copy(out, keyFrom, keyLength);
    setOut(out + keyLength);
  }
  putVarint(length);
  store<i32>(CELL_LENGTHS, sizeOf(inner) + sizeOf(length));
  store<i32>(CELL_OUT, start + head + tail);
}
