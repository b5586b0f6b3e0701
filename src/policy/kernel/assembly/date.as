/** Dates and times of RFC 3339 in the one form that most have; any other form is the host's. */
import { DATE_BYTES as ROW_BYTES, DATE_OUTCOME, DATES, DATES_MAX, UNIT_DAY, UNIT_HOUR, UNIT_ISO_WEEK, UNIT_MONTH, UNIT_QUARTER, UNIT_YEAR } from "../layout";
import { copy, out, setOut } from "./memory";
import { isDigit } from "./number";

/** Bytes of `2026-11-22` and of `2026-11-22T10:11:12`. */
const DATE_BYTES: i32 = 10;
const SECONDS_END: i32 = 19;
const FRACTION_MAX: i32 = 32;

/** Where the fraction of the last date-time ends. */
let fractionEnd: i32 = 0;
/** The last date of the calendar that was found. */
let year: i32 = 0;
let month: i32 = 0;
let day: i32 = 0;

/** Two digits as a number, or −1. */
// @ts-ignore: decorator
@inline
function two(at: i32): i32 {
  const tens: i32 = <i32>load<u8>(at) - 0x30;
  const ones: i32 = <i32>load<u8>(at + 1) - 0x30;
  return <u32>tens < 10 && <u32>ones < 10 ? tens * 10 + ones : -1;
}

// @ts-ignore: decorator
@inline
export function putTwo(at: i32, value: i32): void {
  store<u8>(at, value / 10 + 0x30);
  store<u8>(at + 1, value % 10 + 0x30);
}

function daysOf(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** `0000-00-` as a word: what a date has in common with it falls away. */
const FORM: u64 = 0x2d30302d30303030;
/** Adds up to the highest bit in every byte above 9. */
const ABOVE_NINE: u64 = 0x7676767676767676;
const HIGH: u64 = 0x8080808080808080;
const HYPHENS: u64 = 0xff0000ff00000000;

/** Does a date of the calendar begin here? Eight bytes are looked at in one. */
export function hasDate(at: i32): bool {
  const word = load<u64>(at) ^ FORM;
  if (((word | (word + ABOVE_NINE)) & HIGH) != 0 || (word & HYPHENS) != 0) return false;
  year = <i32>(word & 15) * 1000 + <i32>((word >> 8) & 15) * 100 + <i32>((word >> 16) & 15) * 10 + <i32>((word >> 24) & 15);
  month = <i32>((word >> 40) & 15) * 10 + <i32>((word >> 48) & 15);
  day = two(at + 8);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysOf(year, month));
}

/** A string that is a date and nothing else; both ends count the quotes. */
export function isDate(from: i32, to: i32): bool {
  return to - from == DATE_BYTES + 2 && hasDate(from + 1);
}

/** A string that is a date-time with seconds and an offset. */
export function isDateTime(from: i32, to: i32): bool {
  const at = from + 1;
  const end = to - 1;
  if (end - at <= SECONDS_END || !hasDate(at)) return false;
  if ((<i32>load<u8>(at + 10) | 0x20) != 0x74 || load<u8>(at + 13) != 0x3a || load<u8>(at + 16) != 0x3a) return false;
  const hour = two(at + 11);
  const minute = two(at + 14);
  const second = two(at + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  let zone = at + SECONDS_END;
  if (load<u8>(zone) == 0x2e) {
    const first = ++zone;
    while (isDigit(load<u8>(zone))) zone++;
    if (zone == first || zone - first > FRACTION_MAX) return false;
  }
  fractionEnd = zone;
  return isOffset(zone, end);
}

function isOffset(at: i32, end: i32): bool {
  const sign: i32 = load<u8>(at);
  if ((sign | 0x20) == 0x7a) return end == at + 1;
  if ((sign != 0x2b && sign != 0x2d) || end != at + 6 || load<u8>(at + 3) != 0x3a) return false;
  const hour = two(at + 1);
  const minute = two(at + 4);
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

/**
 * Appends the start of the span that the date is in, in the form it came; false: the host must. The caller asked for room. `held`:
 * the text was just found to be a date, or a date-time, and nothing else.
 */
export function putStart(from: i32, to: i32, unit: i32, held: bool): bool {
  const hasTime = to - from != DATE_BYTES + 2;
  if (!held && !(hasTime ? isDateTime(from, to) : isDate(from, to))) return false;
  const at = out + 1;
  copy(out, from, to - from);
  if (unit <= UNIT_MONTH) {
    if (unit == UNIT_YEAR) putTwo(at + 5, 1);
    if (unit == UNIT_QUARTER) putTwo(at + 5, month - (month - 1) % 3);
    putTwo(at + 8, 1);
  }
  if (unit == UNIT_ISO_WEEK) putMonday(at);
  if (hasTime) {
    if (unit <= UNIT_DAY) putTwo(at + 11, 0);
    if (unit <= UNIT_HOUR) putTwo(at + 14, 0);
    putTwo(at + 17, 0);
    const end = at + (fractionEnd - from - 1);
    for (let k = at + SECONDS_END + 1; k < end; k++) store<u8>(k, 0x30);
  }
  setOut(out + (to - from));
  return true;
}

/** The row of a date in quotes, among those that are remembered: by the digits of month and day. */
// @ts-ignore: decorator
@inline
function rowOf(from: i32): i32 {
  const mixed = load<u64>(from + 4) * 0x9e3779b97f4a7c15;
  return DATES + <i32>(mixed >> 56) % DATES_MAX * ROW_BYTES;
}

/** Appends what became of this date, quotes and all, when it was last truncated to this unit; false: it is not known. */
// @ts-ignore: decorator
@inline
export function putKnown(from: i32, unit: i32): bool {
  const row = rowOf(from);
  if (load<u64>(from) != load<u64>(row) || load<i32>(from + 8) != load<i32>(row + 8) || load<i32>(row + 12) != unit + 1) return false;
  v128.store(out, v128.load(row + DATE_OUTCOME));
  setOut(out + DATE_BYTES + 2);
  return true;
}

/** Remembers what became of a date in quotes. */
export function know(from: i32, unit: i32, start: i32): void {
  const row = rowOf(from);
  v128.store(row, v128.load(from));
  store<i32>(row + 12, unit + 1);
  v128.store(row + DATE_OUTCOME, v128.load(start));
}

/** Goes back from the date at this place to its Monday: six days at most. */
function putMonday(at: i32): void {
  const monday = day - dayOfWeek();
  if (monday >= 1) {
    putTwo(at + 8, monday);
    return;
  }
  const before = month > 1 ? month - 1 : 12;
  if (month == 1) {
    putTwo(at, (year - 1) / 100);
    putTwo(at + 2, (year - 1) % 100);
  }
  putTwo(at + 5, before);
  putTwo(at + 8, monday + daysOf(month > 1 ? year : year - 1, before));
}

/** By how many days of the week a month begins after January does, four bits a month; from March on in years without a leap day. */
const MONTHS: u64 = 0x426415305230;

/** Of the last date; 0 is a Monday. A year counts from its March on, so that the leap day is its last. */
function dayOfWeek(): i32 {
  const counted = month < 3 ? year - 1 : year;
  const century = counted / 100;
  const offset = <i32>((MONTHS >> (<u64>(month - 1) << 2)) & 15);
  return (counted + (counted >> 2) - century + (century >> 2) + offset + day + 6) % 7;
}
