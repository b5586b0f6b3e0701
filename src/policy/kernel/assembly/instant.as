/** Timestamps: the start of the span in UTC that one is in, and its text. Only from 1970 on, and up to the year 9999. */
import { UNIT_HOUR, UNIT_ISO_WEEK, UNIT_MINUTE, UNIT_MONTH, UNIT_QUARTER, UNIT_YEAR } from "../layout";
import { putTwo } from "./date";
import { out, setOut } from "./memory";

export const INSTANT_MOST: i64 = 253402300799999;
/** Bytes of the longest text. */
export const INSTANT_BYTES: i32 = 24;
const DAY_MS: i64 = 86400000;
const HOUR_MS: i64 = 3600000;
const MINUTE_MS: i64 = 60000;
/** Days from 0000-03-01 to 1970-01-01, and in 400 years. */
const EPOCH_DAY: i32 = 719468;
const ERA_DAYS: i32 = 146097;

/** The day that was last looked up, and its date. */
let known: i32 = -1;
let year: i32 = 0;
let month: i32 = 0;
let day: i32 = 0;

/** The start of the span. */
export function startOf(time: i64, unit: i32): i64 {
  if (unit == UNIT_MINUTE) return time - time % MINUTE_MS;
  if (unit == UNIT_HOUR) return time - time % HOUR_MS;
  const number = <i32>(time / DAY_MS);
  return <i64>firstDay(number, unit) * DAY_MS;
}

/** The first day of the span that a day is in. Day 0 was a Thursday. */
function firstDay(number: i32, unit: i32): i32 {
  if (unit == UNIT_ISO_WEEK) return number - (number + 3) % 7;
  if (unit > UNIT_MONTH) return number;
  find(number);
  if (unit == UNIT_MONTH) return number - day + 1;
  const first = unit == UNIT_YEAR ? 1 : unit == UNIT_QUARTER ? month - (month - 1) % 3 : month;
  return numberOf(year, first);
}

/** The number of the first day of a month; years are counted from their March on, so that the leap day is their last. */
function numberOf(ofYear: i32, ofMonth: i32): i32 {
  const counted = ofMonth <= 2 ? ofYear - 1 : ofYear;
  const marchMonth = (ofMonth + 9) % 12;
  return counted * 365 + counted / 4 - counted / 100 + counted / 400 + (153 * marchMonth + 2) / 5 - EPOCH_DAY;
}

/** The date of a day. */
function find(number: i32): void {
  if (number == known) return;
  known = number;
  const sinceEra = number + EPOCH_DAY;
  const era = sinceEra / ERA_DAYS;
  const dayOfEra = sinceEra - era * ERA_DAYS;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const marchMonth = (5 * dayOfYear + 2) / 153;
  day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
  month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  year = yearOfEra + era * 400 + i32(month <= 2);
}

/** Bytes of the text of a time: with milliseconds where there are any. */
export function instantBytes(time: i64): i32 {
  return time % 1000 == 0 ? INSTANT_BYTES - 4 : INSTANT_BYTES;
}

/** Appends `2026-11-22T10:11:12Z`, or with `.345` before the Z. The caller has asked for room. */
export function putInstant(time: i64): void {
  const number = <i32>(time / DAY_MS);
  find(number);
  const rest = <i32>(time - <i64>number * DAY_MS);
  const at = out;
  putTwo(at, year / 100);
  putTwo(at + 2, year % 100);
  store<u8>(at + 4, 0x2d);
  putTwo(at + 5, month);
  store<u8>(at + 7, 0x2d);
  putTwo(at + 8, day);
  store<u8>(at + 10, 0x54);
  putTwo(at + 11, rest / 3600000);
  store<u8>(at + 13, 0x3a);
  putTwo(at + 14, rest / 60000 % 60);
  store<u8>(at + 16, 0x3a);
  putTwo(at + 17, rest / 1000 % 60);
  const ms = rest % 1000;
  let end = at + 19;
  if (ms != 0) {
    store<u8>(end, 0x2e);
    store<u8>(end + 1, ms / 100 + 0x30);
    putTwo(end + 2, ms % 100);
    end += 4;
  }
  store<u8>(end, 0x5a);
  setOut(end + 1);
}
