/** Space, strings and literals (RFC 8259 §2, §3, §7), and UTF-8 (RFC 3629). A reader returns the index behind its token, or 0. */
import { FAULT_ESCAPED_NAME, MARKS } from "../layout";
import { fail } from "./memory";

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;

/** Of the last string: did it hold an escape, and anything beyond ASCII? */
export let escaped: i32 = 0;
export let wide: i32 = 0;

/** Skips space. The byte behind the value is no space, so it ends there. */
// @ts-ignore: decorator
@inline
export function space(at: i32): i32 {
  return <i32>load<u8>(at) > 0x20 ? at : skipSpace(at);
}

function skipSpace(from: i32): i32 {
  let at = from;
  while (true) {
    const c: i32 = load<u8>(at);
    if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return at;
    at++;
  }
}

/** Vectors of quotes, backslashes and spaces: a constant is put together anew wherever it is used, and this is only loaded. */
export function layMarks(): void {
  v128.store(MARKS, i8x16.splat(<i8>QUOTE));
  v128.store(MARKS, i8x16.splat(<i8>BACKSLASH), 16);
  v128.store(MARKS, i8x16.splat(0x20), 32);
}

/**
 * Bytes of 16 that a string does not pass over: quote, backslash, and, because the comparison is signed, control characters and
 * everything beyond ASCII.
 */
// @ts-ignore: decorator
@inline
function ends(at: i32): v128 {
  const bytes = v128.load(at);
  const marked = v128.or(i8x16.eq(bytes, v128.load(MARKS)), i8x16.eq(bytes, v128.load(MARKS, 16)));
  return v128.or(marked, i8x16.lt_s(bytes, v128.load(MARKS, 32)));
}

/** `ends`, a bit each. */
// @ts-ignore: decorator
@inline
export function marks(at: i32): i32 {
  return i8x16.bitmask(ends(at));
}

/** A string from its opening quote: a short and plain one at once. */
// @ts-ignore: decorator
@inline
export function anyText(from: i32): i32 {
  const found = marks(from + 1);
  const at = from + 1 + ctz(found);
  if (found == 0 || load<u8>(at) != QUOTE) return text(from);
  escaped = 0;
  wide = 0;
  return at + 1;
}

/** A string from its opening quote. */
export function text(from: i32): i32 {
  escaped = 0;
  wide = 0;
  let at = from + 1;
  while (true) {
    while (!v128.any_true(v128.or(ends(at), ends(at + 16)))) at += 32;
    const found = marks(at);
    if (found == 0) {
      at += 16;
      continue;
    }
    at += ctz(found);
    const c: i32 = load<u8>(at);
    if (c == QUOTE) return at + 1;
    if (c == BACKSLASH) {
      escaped = 1;
      at = escape(at);
    } else {
      wide = 1;
      at = sequence(at, c);
    }
    if (at == 0) return 0;
  }
}

/** A member's name: a short and plain one at once. */
// @ts-ignore: decorator
@inline
export function anyName(from: i32): i32 {
  const found = marks(from + 1);
  const at = from + 1 + ctz(found);
  return found != 0 && load<u8>(at) == QUOTE ? at + 1 : name(from);
}

/** A member's name. One with an escape has more than one spelling: it is not for the kernel. */
function name(from: i32): i32 {
  let at = from + 1;
  while (true) {
    const found = marks(at);
    if (found == 0) {
      at += 16;
      continue;
    }
    at += ctz(found);
    const c: i32 = load<u8>(at);
    if (c == QUOTE) return at + 1;
    if (c == BACKSLASH) return fail(FAULT_ESCAPED_NAME);
    at = sequence(at, c);
    if (at == 0) return 0;
  }
}

/** An escape, or two that make a surrogate pair; half a pair is refused (§8.2). */
function escape(at: i32): i32 {
  const c: i32 = load<u8>(at + 1);
  if (c == 0x75) {
    const unit = hex4(at + 2);
    if (unit < 0 || (unit & 0xfc00) == 0xdc00) return 0;
    if ((unit & 0xfc00) != 0xd800) return at + 6;
    const isPair = load<u8>(at + 6) == BACKSLASH && load<u8>(at + 7) == 0x75 && (hex4(at + 8) & 0xfffffc00) == 0xdc00;
    return isPair ? at + 12 : 0;
  }
  const isLetter = c == QUOTE || c == BACKSLASH || c == 0x2f || c == 0x62 || c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74;
  return isLetter ? at + 2 : 0;
}

/** The number that four hex digits say, or −1. */
function hex4(at: i32): i32 {
  let unit = 0;
  for (let k = 0; k < 4; k++) {
    const digit = hex(load<u8>(at + k));
    if (digit < 0) return -1;
    unit = (unit << 4) | digit;
  }
  return unit;
}

/** The number that a hex digit says, or −1. */
export function hex(c: i32): i32 {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

// @ts-ignore: decorator
@inline
function follows(at: i32): bool {
  return (<i32>load<u8>(at) & 0xc0) == 0x80;
}

/** A UTF-8 sequence of two to four bytes: the rows of RFC 3629 §4. Control characters have none. */
function sequence(at: i32, c: i32): i32 {
  if (c < 0xc2) return 0;
  if (c < 0xe0) return follows(at + 1) ? at + 2 : 0;
  const second: i32 = load<u8>(at + 1);
  if (c < 0xf0) {
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f)) return 0;
    return follows(at + 1) && follows(at + 2) ? at + 3 : 0;
  }
  if (c > 0xf4 || (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f)) return 0;
  return follows(at + 1) && follows(at + 2) && follows(at + 3) ? at + 4 : 0;
}

/** Characters of a string without escapes that lies from quote to behind the quote. */
export function characters(from: i32, to: i32): i32 {
  if (wide == 0) return to - from - 2;
  let count = 0;
  for (let at = from + 1; at < to - 1; at++) if (!follows(at)) count++;
  return count;
}

/** `null`, `true` or `false`. */
export function literal(at: i32): i32 {
  const word: i32 = load<i32>(at);
  if (word == 0x6c6c756e || word == 0x65757274) return at + 4;
  return load<u8>(at) == 0x66 && load<i32>(at + 1) == 0x65736c61 ? at + 5 : 0;
}
