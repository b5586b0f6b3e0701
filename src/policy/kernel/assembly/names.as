/** Member names: their hash, the names of open objects, and the members that a plan lists. */
import { FAULT_DUPLICATE, FAULT_NAMES, NAMES, NAMES_COLUMN, NAMES_MAX, SIBLINGS_MAX, SLOT_BYTES, TABLE_SLOTS } from "../layout";
import { fail, same } from "./memory";

/** The end of the names of open objects, outermost first: an object's own begin where it found this. */
export let open: i32 = NAMES;
/** How often two names of one hash were not the same in this record: crafted ones are not looked at for long. */
let collisions: i32 = 0;
const COLLISIONS_MAX: i32 = 256;

export function setOpen(at: i32): void { open = at; }
export function forgetNames(): void {
  open = NAMES;
  collisions = 0;
}

/** All bytes of names up to 16, of longer ones the first, the last and the middle eight. */
export function hash(from: i32, length: i32): i32 {
  let head: u64;
  let tail: u64;
  if (length >= 8) {
    head = load<u64>(from);
    tail = load<u64>(from + length - 8);
    if (length > 16) head ^= rotl<u64>(load<u64>(from + (length >> 1) - 4), 17);
  } else if (length >= 4) {
    head = load<u32>(from);
    tail = load<u32>(from + length - 4);
  } else {
    head = length == 0 ? 0 : (<u64>load<u8>(from)) | ((<u64>load<u8>(from + (length >> 1))) << 8);
    tail = length == 0 ? 0 : load<u8>(from + length - 1);
  }
  const mixed = (head ^ <u64>length) * 0x9e3779b97f4a7c15 + rotl<u64>(tail, 31) * 0xc2b2ae3d27d4eb4f;
  return <i32>((mixed ^ (mixed >> 29)) >> 24);
}

/** Adds a name to the object whose names begin at `first`; 0 when it is there already, or there are too many. */
export function remember(first: i32, hashed: i32, from: i32, length: i32): i32 {
  if (open - first >= SIBLINGS_MAX << 2 || open >= NAMES + (NAMES_MAX << 2)) return fail(FAULT_NAMES);
  const wanted = i32x4.splat(hashed);
  for (let k = first; k < open; k += 16) {
    let found = i32x4.bitmask(i32x4.eq(v128.load(k), wanted));
    const left = (open - k) >> 2;
    if (left < 4) found &= (1 << left) - 1;
    if (found != 0 && !others(k, found, from, length)) return 0;
  }
  store<i32>(open, hashed);
  store<i32>(open + NAMES_COLUMN, from);
  store<i32>(open + 2 * NAMES_COLUMN, length);
  open += 4;
  return 1;
}

/** Are those of the same hash other names? */
function others(at: i32, found: i32, from: i32, length: i32): bool {
  for (let left = found; left != 0; left &= left - 1) {
    const k = at + (ctz(left) << 2);
    if (load<i32>(k + 2 * NAMES_COLUMN) == length && same(load<i32>(k + NAMES_COLUMN), from, length)) {
      fail(FAULT_DUPLICATE);
      return false;
    }
    collisions++;
    if (collisions > COLLISIONS_MAX) {
      fail(FAULT_NAMES);
      return false;
    }
  }
  return true;
}

/** The slot of a member that the table lists, or 0. A quarter of the slots is taken at most, so an empty one is near. */
export function find(table: i32, hashed: i32, from: i32, length: i32): i32 {
  const mask: i32 = load<i32>(table);
  let k = hashed & mask;
  while (true) {
    const slot = table + TABLE_SLOTS + k * SLOT_BYTES;
    const listed: i32 = load<i32>(slot + 4);
    if (listed == 0) return 0;
    if (load<i32>(slot) == hashed && <i32>load<u16>(slot + 8) == length && same(listed, from, length)) return slot;
    k = (k + 1) & mask;
  }
}
