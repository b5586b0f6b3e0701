/** Member names: their hash, the names of open objects, and the members that a plan lists. */
import {
  EXPECTED, EXPECTED_BYTES, EXPECTED_END, EXPECTED_NAME, EXPECTED_NAME_BYTES, FAULT_DUPLICATE, FAULT_NAMES, NAMES, NAMES_COLUMN,
  NAMES_MAX, SIBLINGS_MAX, SLOT_BYTES, SLOT_NEXT, TABLE_SLOTS,
} from "../layout";
import { fail, same } from "./memory";
import { anyName, space } from "./text";

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

/** All but the first `count` bytes of eight are taken away; without a branch, because lengths can't be foreseen. */
// @ts-ignore: decorator
@inline
function firstBytes(word: u64, count: i32): u64 {
  return select<u64>(word & (<u64>-1 >> (<u64>(8 - count) << 3)), 0, count > 0);
}

/** All bytes of names up to 16, of longer ones the first, the last and the middle eight. */
export function hash(from: i32, length: i32): i32 {
  return hashed(from, length);
}

// @ts-ignore: decorator
@inline
export function hashed(from: i32, length: i32): i32 {
  const few = select<i32>(length, 8, length < 8);
  let head = firstBytes(load<u64>(from), few);
  let tail: u64;
  if (length <= 16) tail = firstBytes(load<u64>(from + 8), length - few);
  else {
    tail = load<u64>(from + length - 8);
    head ^= rotl<u64>(load<u64>(from + (length >> 1) - 4), 17);
  }
  const mixed = (head ^ <u64>length) * 0x9e3779b97f4a7c15 + rotl<u64>(tail, 31) * 0xc2b2ae3d27d4eb4f;
  return <i32>((mixed ^ (mixed >> 29)) >> 24);
}

/** Quote and colon, as they stand behind a name. */
const NAME_END: i32 = 0x3a22;
export const NAME_END_BYTES: i32 = 2;

/** Where the next name that no table lists is noted. */
let expected: i32 = EXPECTED;

/** A plan begins: its tables know of no name but their own. */
export function forgetExpected(): void {
  expected = EXPECTED;
}

/** Notes a name that the table of this object does not list, in the place where a name is expected next; the slot, or 0. */
export function expect(link: i32, hashed: i32, from: i32, length: i32): i32 {
  if (length > EXPECTED_NAME_BYTES - 2 || expected >= EXPECTED_END) return 0;
  const slot = expected;
  expected += EXPECTED_BYTES;
  store<i32>(slot, hashed);
  store<i32>(slot + 4, slot + EXPECTED_NAME);
  store<i32>(slot + 8, length);
  store<i32>(slot + 12, 0);
  store<i32>(slot + SLOT_NEXT, 0);
  memory.copy(slot + EXPECTED_NAME, from, length);
  store<u16>(slot + EXPECTED_NAME + length, NAME_END);
  store<i32>(link, slot);
  return slot;
}

/** The bit by which an object remembers that it has, perhaps, a name of this hash. */
// @ts-ignore: decorator
@inline
export function bitOf(hashed: i32): u64 {
  return <u64>1 << <u64>(hashed & 63);
}

/**
 * Adds a name to the object whose names begin at `first`; 0 when it is there already, or there are too many. `perhaps`: a name of
 * the same bit is there.
 */
export function remember(first: i32, hashed: i32, from: i32, length: i32, perhaps: bool): i32 {
  if (open - first >= SIBLINGS_MAX << 2 || open >= NAMES + (NAMES_MAX << 2)) return fail(FAULT_NAMES);
  if (perhaps && !isNew(first, hashed, from, length)) return 0;
  store<i32>(open, hashed);
  store<i32>(open + NAMES_COLUMN, from);
  store<i32>(open + 2 * NAMES_COLUMN, length);
  open += 4;
  return 1;
}

function isNew(first: i32, hashed: i32, from: i32, length: i32): bool {
  const wanted = i32x4.splat(hashed);
  for (let k = first; k < open; k += 16) {
    let found = i32x4.bitmask(i32x4.eq(v128.load(k), wanted));
    const left = (open - k) >> 2;
    if (left < 4) found &= (1 << left) - 1;
    if (found != 0 && !others(k, found, from, length)) return false;
  }
  return true;
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
// @ts-ignore: decorator
@inline
export function find(table: i32, hashed: i32, from: i32, length: i32): i32 {
  const mask: i32 = load<i32>(table);
  let k = hashed & mask;
  let slot = table + TABLE_SLOTS + k * SLOT_BYTES;
  let listed: i32 = load<i32>(slot + 4);
  while (listed != 0) {
    if (load<i32>(slot) == hashed && <i32>load<u16>(slot + 8) == length && isSame(listed, from, length)) break;
    k = (k + 1) & mask;
    slot = table + TABLE_SLOTS + k * SLOT_BYTES;
    listed = load<i32>(slot + 4);
  }
  return listed == 0 ? 0 : slot;
}

/** `same`, for names as they mostly are. */
// @ts-ignore: decorator
@inline
export function isSame(one: i32, other: i32, length: i32): bool {
  if (length > 16) return same(one, other, length);
  const wanted = (1 << length) - 1;
  return (i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other))) & wanted) == wanted;
}

/** The name that was last read: its slot (0: it has none), its length and its hash. */
export let nameSlot: i32 = 0;
export let nameLength: i32 = 0;
export let nameHash: i32 = 0;

/**
 * Reads a name from its quote, and looks it up in the table of its object (0: there is none). What is found is noted at `link` as what
 * came there; `toExpect`: also a name that the table does not list. Returns the index behind the colon, or 0.
 */
export function readName(from: i32, link: i32, table: i32, toExpect: bool): i32 {
  const start = from + 1;
  const behind = anyName(from);
  if (behind == 0) return 0;
  nameLength = behind - start - 1;
  nameHash = hashed(start, nameLength);
  nameSlot = table == 0 ? 0 : find(table, nameHash, start, nameLength);
  if (nameSlot != 0) store<i32>(link, nameSlot);
  else if (toExpect && table != 0) nameSlot = expect(link, nameHash, start, nameLength);
  const at = space(behind);
  return load<u8>(at) == 0x3a ? at + 1 : 0;
}
