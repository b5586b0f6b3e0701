/** The kernel's registers, and the copying and comparing of bytes. */
import { FAULT_SYNTAX, OUTPUT, OUTPUT_BYTES } from "../layout";

/** Where the next byte of what leaves is written. */
export let out: i32 = OUTPUT;
/** Why nothing leaves; what has no reason of its own breaks the grammar. */
export let fault: i32 = FAULT_SYNTAX;
/** Set by whoever rules a value: nothing of it leaves. */
export let gone: i32 = 0;

/** Room that wild copies may use beyond what was asked for. */
const SLACK: i32 = 256;
export const OUTPUT_END: i32 = OUTPUT + OUTPUT_BYTES - SLACK;

export function setOut(at: i32): void { out = at; }
export function setFault(code: i32): void { fault = code; }
export function setGone(is: i32): void { gone = is; }

/** Notes why, and is the 0 that every reader returns when it fails. */
export function fail(code: i32): i32 {
  fault = code;
  return 0;
}

/** Is there room for so many bytes of output? Lengths are of tokens of the input, so the sum can't overflow. */
// @ts-ignore: decorator
@inline
export function fits(length: i32): bool {
  return out + length <= OUTPUT_END;
}

// @ts-ignore: decorator
@inline
export function put(byte: i32): void {
  store<u8>(out, byte);
  out++;
}

/** Copies by vectors: reads and writes up to 15 bytes beyond the end, into room that is kept for it. */
// @ts-ignore: decorator
@inline
export function copy(to: i32, from: i32, length: i32): void {
  let k = 0;
  do {
    v128.store(to + k, v128.load(from + k));
    k += 16;
  } while (k < length);
}

/** Appends bytes to what leaves; the caller has asked `fits`. */
// @ts-ignore: decorator
@inline
export function putBytes(from: i32, length: i32): void {
  copy(out, from, length);
  out += length;
}

/** Are the two runs of bytes equal? Looks beyond their ends, but does not mind what it sees there. */
export function same(one: i32, other: i32, length: i32): bool {
  let k = 0;
  while (k + 16 <= length) {
    if (i8x16.bitmask(i8x16.eq(v128.load(one + k), v128.load(other + k))) != 0xffff) return false;
    k += 16;
  }
  if (k == length) return true;
  const wanted = (1 << (length - k)) - 1;
  return (i8x16.bitmask(i8x16.eq(v128.load(one + k), v128.load(other + k))) & wanted) == wanted;
}
