/** Outcomes of pure rules by rule and token: bounded, so that an outcome can only be forgotten. */
import {
  HOST_DROPPED, MEMO, MEMO_ENTRIES, MEMO_FOLLOWER, MEMO_KEY, MEMO_KEY_BYTES, MEMO_OUTCOME_BYTES,
  MEMO_SETS, MEMO_SLOT_BYTES, MEMO_SLOTS,
} from "../layout";
import { copy, out, same, setOut } from "./memory";

const WAYS: i32 = 4;

/** The slot that the next outcome takes. Its lowest bits say which entry of its set: no two drive each other out for ever. */
let next: i32 = 0;
/** Set and tag of the token that was last looked up. */
let set: i32 = 0;
let tag: i32 = 0;

/** Is this slot that of this rule's outcome for this token? */
// @ts-ignore: decorator
@inline
export function isFor(slot: i32, rule: i32, from: i32, length: i32): bool {
  return load<i32>(slot) == rule && load<i32>(slot + 4) == length && same(slot + MEMO_KEY, from, length);
}

/**
 * The slot for a string, by the slot of the token that the same node had before: that one's own, or the one that once followed it; 0:
 * neither. Values that come again mostly come in their old order, and then nothing has to be looked up. Where the string ends need not
 * be known: no string begins with another one, and what was learned was read to the letter.
 */
// @ts-ignore: decorator
@inline
export function guess(before: i32, rule: i32, from: i32): i32 {
  if (before == 0) return 0;
  if (beginsWith(before, rule, from)) return before;
  const follower: u32 = load<u32>(before + MEMO_FOLLOWER);
  const slot = slotAt(follower & 0xffff);
  return follower >>> 16 == glance(from) && beginsWith(slot, rule, from) ? slot : 0;
}

// @ts-ignore: decorator
@inline
function beginsWith(slot: i32, rule: i32, from: i32): bool {
  return load<i32>(slot) == rule && same(slot + MEMO_KEY, from, load<i32>(slot + 4));
}

/** Notes that this slot's token came after that of another, so that it will be found by `guess`. */
export function follow(before: i32, slot: i32, from: i32): void {
  if (before != 0 && slot != 0) store<i32>(before + MEMO_FOLLOWER, (glance(from) << 16) | ((slot - MEMO) / MEMO_SLOT_BYTES));
}

/** 16 bits of a token and what stands behind it: enough to see mostly that it is another one. */
// @ts-ignore: decorator
@inline
function glance(from: i32): u32 {
  const mixed = (load<u64>(from) * 0x9e3779b97f4a7c15 ^ load<u64>(from + 8)) * 0xc2b2ae3d27d4eb4f;
  return <u32>(mixed >> 48);
}

/** The slot of this rule's outcome for this token; 0: it is not known. */
export function find(rule: i32, from: i32, length: i32): i32 {
  if (length > MEMO_KEY_BYTES) return 0;
  mix(rule, from, length);
  const tags = i32x4.shr_u(v128.load(MEMO_ENTRIES + (set << 4)), 16);
  let found = i32x4.bitmask(i32x4.eq(tags, i32x4.splat(tag)));
  while (found != 0) {
    const slot = slotAt(load<u16>(MEMO_ENTRIES + (set << 4) + (ctz(found) << 2)));
    // What the entry was made for may have lost its slot to another since.
    if (isFor(slot, rule, from, length)) return slot;
    found &= found - 1;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function slotAt(number: i32): i32 {
  return MEMO + number * MEMO_SLOT_BYTES;
}

function mix(rule: i32, from: i32, length: i32): void {
  let mixed: u64 = (<u64>rule ^ (<u64>length << 32)) * 0x9e3779b97f4a7c15;
  let at = from;
  let left = length;
  while (left >= 8) {
    mixed = (rotl<u64>(mixed, 27) ^ load<u64>(at)) * 0xc2b2ae3d27d4eb4f;
    at += 8;
    left -= 8;
  }
  if (left > 0) {
    const rest = load<u64>(at) & ((<u64>1 << (<u64>left << 3)) - 1);
    mixed = (rotl<u64>(mixed, 27) ^ rest) * 0xc2b2ae3d27d4eb4f;
  }
  mixed = (mixed ^ (mixed >> 32)) * 0x9e3779b97f4a7c15;
  set = <i32>(mixed >> 40) & (MEMO_SETS - 1);
  tag = <i32>mixed & 0xffff;
}

/** Appends what is remembered. Returns its length, or HOST_DROPPED. */
export function recall(slot: i32): i32 {
  const length: i32 = load<i32>(slot + 8);
  if (length > 0) {
    copy(out, slot + MEMO_KEY + <i32>load<i32>(slot + 4), length);
    setOut(out + length);
  }
  return length;
}

/** Remembers an outcome for the token that was last looked up in vain, in the slot of the oldest, which it returns. 0: it is too large. */
export function learn(rule: i32, from: i32, length: i32, outcome: i32, outcomeLength: i32): i32 {
  if (length > MEMO_KEY_BYTES || outcomeLength > MEMO_OUTCOME_BYTES || outcomeLength < HOST_DROPPED) return 0;
  next = (next + 1) & (MEMO_SLOTS - 1);
  const slot = slotAt(next);
  store<i32>(MEMO_ENTRIES + (set << 4) + ((next & (WAYS - 1)) << 2), (tag << 16) | next);
  store<i32>(slot, rule);
  store<i32>(slot + 4, length);
  store<i32>(slot + 8, outcomeLength);
  memory.copy(slot + MEMO_KEY, from, length);
  if (outcomeLength > 0) memory.copy(slot + MEMO_KEY + length, outcome, outcomeLength);
  return slot;
}
