/** Values of which nothing or everything leaves: read to the letter of the grammar, and looked at no further. */
import { FAULT_ARRAY, FAULT_DEPTH, FAULT_OUTPUT } from "../layout";
import { fail, fits, put, putBytes } from "./memory";
import { bitOf, hashed, open, remember, setOpen } from "./names";
import { isDigit, number } from "./number";
import { anyName, anyText, literal, space, text } from "./text";

/** Elements that an array may have. */
export let itemsMax: i32 = 0;
/** Elements of the last array that was skipped. */
export let items: i32 = 0;

export function setItemsMax(most: i32): void { itemsMax = most; }

/** Any value; `depth` is how many containers may still open. Returns the index behind it, or 0. */
export function skip(from: i32, depth: i32): i32 {
  const c: i32 = load<u8>(from);
  if (c == 0x22) return anyText(from);
  if (c == 0x7b) return skipObject(from, depth);
  if (c == 0x5b) return skipArray(from, depth);
  if (c == 0x2d || isDigit(c)) return number(from);
  return literal(from);
}

function skipObject(from: i32, depth: i32): i32 {
  if (depth <= 0) return fail(FAULT_DEPTH);
  const first = open;
  let names: u64 = 0;
  let at = space(from + 1);
  if (load<u8>(at) == 0x7d) return at + 1;
  while (true) {
    if (load<u8>(at) != 0x22) return 0;
    const start = at + 1;
    at = anyName(at);
    if (at == 0) return 0;
    const length = at - start - 1;
    const hash = hashed(start, length);
    const bit = bitOf(hash);
    if (remember(first, hash, start, length, (names & bit) != 0) == 0) return 0;
    names |= bit;
    at = space(at);
    if (load<u8>(at) != 0x3a) return 0;
    at = space(at + 1);
    at = load<u8>(at) == 0x22 ? anyText(at) : skip(at, depth - 1);
    if (at == 0) return 0;
    at = space(at);
    const c: i32 = load<u8>(at);
    if (c == 0x2c) {
      at = space(at + 1);
      continue;
    }
    if (c != 0x7d) return 0;
    setOpen(first);
    return at + 1;
  }
}

function skipArray(from: i32, depth: i32): i32 {
  if (depth <= 0) return fail(FAULT_DEPTH);
  let count = 0;
  let at = space(from + 1);
  if (load<u8>(at) == 0x5d) {
    items = 0;
    return at + 1;
  }
  while (true) {
    at = skip(at, depth - 1);
    if (at == 0) return 0;
    count++;
    if (count > itemsMax) return fail(FAULT_ARRAY);
    at = space(at);
    const c: i32 = load<u8>(at);
    if (c == 0x2c) {
      at = space(at + 1);
      continue;
    }
    if (c != 0x5d) return 0;
    items = count;
    return at + 1;
  }
}

/** Appends a container that was skipped, without the space between its tokens. */
export function putCompact(from: i32, to: i32): i32 {
  if (!fits(to - from)) return fail(FAULT_OUTPUT);
  let at = from;
  while (at < to) {
    const c: i32 = load<u8>(at);
    if (c == 0x22) {
      const end = text(at);
      putBytes(at, end - at);
      at = end;
    } else {
      if (c > 0x20) put(c);
      at++;
    }
  }
  return 1;
}
