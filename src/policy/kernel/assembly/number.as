/** Numbers (RFC 8259 §6) and exact arithmetic on those that fit; whatever does not fit is the host's. */
import { out, put, setOut } from "./memory";

/** Of the last number: where its fraction begins (0: it has none), and whether it has an exponent. */
export let fraction: i32 = 0;
export let exponent: i32 = 0;
/** The last number that `parse` took: units / 10^scale. */
export let units: i64 = 0;
export let scale: i32 = 0;
/** Of the number that was last read: 0: not parsed yet, 1: it is `units` and `scale`, 2: it does not fit. */
let parsed: i32 = 0;

const DIGITS_MAX: i32 = 18;
/** What units may grow to when they are brought to another scale. */
const UNITS_MAX: i64 = 1_000_000_000_000_000_000;

// @ts-ignore: decorator
@inline
export function isDigit(c: i32): bool {
  return <u32>(c - 0x30) < 10;
}

// @ts-ignore: decorator
@inline
function digits(from: i32): i32 {
  let at = from;
  while (isDigit(load<u8>(at))) at++;
  return at;
}

/** `number`, which adds its digits up on the way: for numbers that are to be compared or rounded. */
export function measured(from: i32): i32 {
  const isNegative = load<u8>(from) == 0x2d;
  const whole = from + i32(isNegative);
  let sum: i64 = 0;
  let at = whole;
  let digit: u32 = <u32>load<u8>(at) - 0x30;
  while (digit < 10) {
    sum = sum * 10 + digit;
    digit = <u32>load<u8>(++at) - 0x30;
  }
  const point = at;
  if (load<u8>(at) == 0x2e) {
    digit = <u32>load<u8>(++at) - 0x30;
    while (digit < 10) {
      sum = sum * 10 + digit;
      digit = <u32>load<u8>(++at) - 0x30;
    }
  }
  // Whatever is not plain and short is read again to the letter.
  const isPlain = point > whole && (point == whole + 1 || load<u8>(whole) != 0x30) && at != point + 1;
  if (!isPlain || (<i32>load<u8>(at) | 0x20) == 0x65 || at - whole > DIGITS_MAX) return number(from);
  exponent = 0;
  fraction = at == point ? 0 : point + 1;
  units = isNegative ? -sum : sum;
  scale = at == point ? 0 : at - point - 1;
  parsed = 1;
  return at;
}

/** A number from its first character. Returns the index behind it, or 0. */
export function number(from: i32): i32 {
  fraction = 0;
  exponent = 0;
  parsed = 0;
  const whole = load<u8>(from) == 0x2d ? from + 1 : from;
  let at = digits(whole);
  if (at == whole || (load<u8>(whole) == 0x30 && at > whole + 1)) return 0;
  if (load<u8>(at) == 0x2e) {
    fraction = at + 1;
    at = digits(fraction);
    if (at == fraction) return 0;
  }
  if ((<i32>load<u8>(at) | 0x20) == 0x65) {
    exponent = 1;
    const sign: i32 = load<u8>(at + 1);
    const power = sign == 0x2b || sign == 0x2d ? at + 2 : at + 1;
    at = digits(power);
    if (at == power) return 0;
  }
  return at;
}

/** Is the number that was just read parsed already? */
// @ts-ignore: decorator
@inline
export function isMeasured(): bool {
  return parsed == 1;
}

/** Is the number that was just read whole? Only zeros in its fraction: 1, 0: no or, with an exponent, perhaps. */
export function isWhole(to: i32): bool {
  if (exponent != 0) return false;
  if (fraction == 0) return true;
  let at = fraction;
  while (at < to && load<u8>(at) == 0x30) at++;
  return at == to;
}

/** The number that was just read as `units` and `scale`; false: it is not written plainly, or too long. */
export function parse(from: i32, to: i32): bool {
  if (parsed == 0) parsed = parseOnce(from, to) ? 1 : 2;
  return parsed == 1;
}

function parseOnce(from: i32, to: i32): bool {
  const isNegative = load<u8>(from) == 0x2d;
  const point = fraction == 0 ? 0 : 1;
  if (exponent != 0 || to - from - point - i32(isNegative) > DIGITS_MAX) return false;
  let sum: i64 = 0;
  for (let at = isNegative ? from + 1 : from; at < to; at++) {
    const c: i32 = load<u8>(at);
    if (c != 0x2e) sum = sum * 10 + (c - 0x30);
  }
  units = isNegative ? -sum : sum;
  scale = point == 0 ? 0 : to - fraction;
  return true;
}

/** `value` × 10^`power`, or −1 beyond what fits. `value` is at least 0. */
export function raise(value: i64, power: i32): i64 {
  let raised = value;
  for (let k = 0; k < power; k++) {
    if (raised > UNITS_MAX / 10) return -1;
    raised *= 10;
  }
  return raised;
}

/** Appends a number in plain notation, without superfluous zeros or minus zero. At most 40 bytes. */
export function putDecimal(value: i64, places: i32): void {
  if (<u64>value < 100_000_000 && places == 0) putShort(<u64>value);
  else putLong(value, places);
}

/**
 * Up to eight digits without a loop: the number is cut into halves that lie in one word side by side, these into pairs, these into
 * digits, each time by a multiplication and a shift that divide by 100 and by 10.
 */
// @ts-ignore: decorator
@inline
function putShort(value: u64): void {
  const above = <u32>value / 10_000;
  const halves = <u64>above | <u64>(<u32>value - above * 10_000) << 32;
  const hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
  const pairs = ((halves - 100 * hundreds) << 16) + hundreds;
  const tens = ((pairs * 103) >> 10) & 0xf_000f_000f_000f;
  const digits = tens + ((pairs - 10 * tens) << 8);
  // The first digit lies in the lowest byte; the last stays, though it be a zero.
  const zeros = ctz(digits | <u64>1 << 56) & 56;
  store<u64>(out, (digits + 0x3030_3030_3030_3030) >> zeros);
  setOut(out + 8 - <i32>(zeros >> 3));
}

function putLong(value: i64, places: i32): void {
  let left: u64 = value < 0 ? -value : value;
  let after = left == 0 ? 0 : places;
  while (after > 0 && left % 10 == 0) {
    left /= 10;
    after--;
  }
  if (value < 0) put(0x2d);
  const count = max(lengthOf(left), after + 1);
  let at = out + count + i32(after > 0);
  setOut(at);
  // From the last digit to the first; in 32 bits as soon as it fits.
  for (let k = 0; k < count; k++) {
    if (k == after && k > 0) store<u8>(--at, 0x2e);
    let digit: i32;
    if (left <= <u64>u32.MAX_VALUE) {
      const small = <u32>left;
      digit = <i32>(small % 10);
      left = <u64>(small / 10);
    } else {
      digit = <i32>(left % 10);
      left /= 10;
    }
    store<u8>(--at, digit + 0x30);
  }
}

/** Decimal digits of a number; 0 has one. */
function lengthOf(value: u64): i32 {
  let count = 1;
  let power: u64 = 10;
  while (value >= power && count < 19) {
    power *= 10;
    count++;
  }
  return count;
}
