/** Headers of a record of the source: walked, and noted as far as they may leave. */
import { HEADER_BYTES, KEPT, KEPT_MAX, MARKED, MARKED_MAX, TEMPLATE, TEMPLATE_ALLOWED, TEMPLATE_EVENT, TEMPLATE_SCREENED } from "../batch-layout";
import { isListed } from "./check";
import { cursor, int, moveTo } from "./varint";

/** A header is not for the kernel to judge. */
export let alien: bool = false;
/** Headers in KEPT, and in MARKED. */
export let kept: i32 = 0;
export let marked: i32 = 0;
/** Bytes of all names and values. */
export let size: i32 = 0;

/** Walks the headers of a record that ends at `to`; false: the bytes are not sound. */
export function readHeaders(to: i32): bool {
  alien = false;
  kept = 0;
  marked = 0;
  size = 0;
  const count = int();
  if (count < 0 || count > to - cursor) return false;
  for (let left = count; left > 0; left--) {
    const nameLength = int();
    const name = cursor;
    if (nameLength < 0 || nameLength > to - name) return false;
    moveTo(name + nameLength);
    const length = int();
    const value = cursor;
    if (length < -1 || length > to - value) return false;
    if (length > 0) moveTo(value + length);
    size += nameLength + max(length, 0);
    if (!alien) judge(name, nameLength, value, length);
  }
  return true;
}

/** In other spellings a name may be the mesh's; what is no ASCII may have other sizes than it shows. */
function judge(name: i32, nameLength: i32, value: i32, length: i32): void {
  if (!isAscii(name, nameLength) || isOurs(name, nameLength)) alien = true;
  else {
    if (load<i32>(TEMPLATE + TEMPLATE_EVENT) != 0 && isMark(name, nameLength)) {
      if (marked < MARKED_MAX) marked = note(MARKED, marked, name, nameLength, value, length);
      else alien = true;
    }
    const allowed: i32 = load<i32>(TEMPLATE + TEMPLATE_ALLOWED);
    if (allowed == 0 || !isListed(allowed, name, nameLength)) return;
    if (kept < KEPT_MAX && load<i32>(TEMPLATE + TEMPLATE_SCREENED) == 0) kept = note(KEPT, kept, name, nameLength, value, length);
    else alien = true;
  }
}

function note(list: i32, count: i32, name: i32, nameLength: i32, value: i32, length: i32): i32 {
  const row = list + count * HEADER_BYTES;
  store<i32>(row, name);
  store<i32>(row + 4, nameLength);
  store<i32>(row + 8, value);
  store<i32>(row + 12, length);
  return count + 1;
}

/** Only bytes below 0x80. */
function isAscii(from: i32, length: i32): bool {
  for (let k = 0; k < length; k += 16) {
    const high = i8x16.bitmask(v128.load(from + k));
    const left = length - k;
    if ((left < 16 ? high & ((1 << left) - 1) : high) != 0) return false;
  }
  return true;
}

/** Its case does not matter: does the name begin with `ce_mesh`? */
function isOurs(name: i32, length: i32): bool {
  return length >= 7 && ((load<u64>(name) | 0x20202020002020) & 0xffffffffffffff) == 0x6873656d5f6563;
}

/** Does the name mean something in the Kafka binding: does it begin with `ce_`, or is it `content-type`? Its case counts. */
function isMark(name: i32, length: i32): bool {
  if (length >= 3 && (<i32>load<i32>(name) & 0xffffff) == 0x5f6563) return true;
  return length == 12 && load<u64>(name) == 0x2d746e65746e6f63 && <u32>load<u32>(name + 8) == 0x65707974;
}
