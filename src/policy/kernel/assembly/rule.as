/** Values under a plan: containers by their children, everything else by its action. Default deny: what no node names is skipped. */
import { CAPTURED } from "../batch-layout";
import {
  FAULT_ARRAY, FAULT_CHECK, FAULT_DEPTH, FAULT_DUPLICATE, FAULT_FOREIGN, FAULT_OUTPUT, FAULT_REQUIRED, FAULT_TYPE, HAS_ITEMS, HAS_OBJECT,
  HAS_OTHER, HAS_PLAIN_INSIDE, HAS_PLAIN_TEXT, HAS_TAKEN, NODE_ARGUMENT, NODE_CAPTURE, NODE_COUNTER, NODE_DROPPED, NODE_ELEMENTS, NODE_HAS, NODE_ITEMS_LEAST, NODE_ITEMS_MOST,
  NODE_MEMBERS, NODE_OP, NODE_REQUIRED, NODE_STAR, NODE_TYPES, NODE_UNLISTED, OP_CHILDREN, OP_DATE, OP_FOREIGN, OP_HOST, OP_ROUND, OP_SHARE, SLOT_NEXT, TABLE_FIRST,
  TYPE_ARRAY, TYPE_BOOLEAN, TYPE_INTEGER, TYPE_NULL, TYPE_NUMBER, TYPE_OBJECT, TYPE_STRING,
} from "../layout";
import { meet } from "./condition";
import { blind, datedLeaf, hostLeaf, leaf, roundedLeaf } from "./leaf";
import { copy, fail, fits, gone, out, OUTPUT_END, put, setGone, setOut } from "./memory";
import { bitOf, isSame, NAME_END_BYTES, nameHash, nameLength, nameSlot, open, readName, remember, setOpen } from "./names";
import { itemsMax, skip } from "./skip";
import { tick } from "./tally";
import { anyText, space } from "./text";

/** Any value. Returns the index behind it, or 0; `gone` says whether nothing of it is left. */
export function rule(from: i32, node: i32, depth: i32): i32 {
  setGone(0);
  const op: i32 = load<i32>(node + NODE_OP);
  if (op == OP_HOST) return hostLeaf(from, node, depth);
  if (op == OP_ROUND) return roundedLeaf(from, node, depth);
  if (op == OP_DATE) return datedLeaf(from, node, depth);
  if (op == OP_CHILDREN) return children(from, node, depth);
  return op == OP_FOREIGN ? fail(FAULT_FOREIGN) : leaf(from, node, op, depth);
}

/** What the plan goes into. */
// @ts-ignore: decorator
@inline
function children(from: i32, node: i32, depth: i32): i32 {
  const first: i32 = load<u8>(from);
  const has: i32 = load<i32>(node + NODE_HAS);
  if ((has & HAS_PLAIN_INSIDE) != 0) {
    if (first == 0x7b && (has & HAS_OBJECT) != 0) return members(from, node, depth);
    if (first == 0x5b && load<i32>(node + NODE_ELEMENTS) != 0) return elements(from, node, depth);
  }
  return container(from, node, depth);
}

/** Writes members as they stand in the value; where they end, or 0: there is no room. */
function putRun(to: i32, from: i32, end: i32): i32 {
  const length = end - from;
  if (to + length > OUTPUT_END) return fail(FAULT_OUTPUT);
  copy(to, from, length);
  return to + length;
}

/** Notes where the value lies that was just appended, for those who ask. */
function capture(asked: i32, from: i32): void {
  for (let left = asked; left != 0; left &= left - 1) {
    const row = CAPTURED + (ctz(left) << 3);
    store<i32>(row, from);
    store<i32>(row + 4, out);
  }
}

/** A node that lives by its children, though something else may stand there; or one that was taken away, and only checked inside. */
function container(from: i32, node: i32, depth: i32): i32 {
  const first: i32 = load<u8>(from);
  const has: i32 = load<i32>(node + NODE_HAS);
  const type = typeOf(first);
  const types: i32 = load<i32>(node + NODE_TYPES);
  // Whether a number is whole is not looked at here.
  if ((types & type) == 0) return fail(type == TYPE_NUMBER && (types & TYPE_INTEGER) != 0 ? FAULT_FOREIGN : FAULT_TYPE);
  const start = out;
  let to: i32;
  if (type == TYPE_OBJECT && (has & HAS_OBJECT) != 0) to = members(from, node, depth);
  else if (type == TYPE_ARRAY && load<i32>(node + NODE_ELEMENTS) != 0) to = elements(from, node, depth);
  else if ((has & HAS_OTHER) != 0) return fail(FAULT_FOREIGN);
  else {
    to = skip(from, depth);
    tick(load<i32>(node + NODE_DROPPED));
    setGone(1);
  }
  if (to == 0 || meet(node, from, to) == 0) return 0;
  if ((has & HAS_TAKEN) == 0) return to;
  setOut(start);
  setGone(0);
  return blind(node, load<i32>(node + NODE_ARGUMENT)) == 0 ? 0 : to;
}

function typeOf(first: i32): i32 {
  if (first == 0x7b) return TYPE_OBJECT;
  if (first == 0x5b) return TYPE_ARRAY;
  if (first == 0x22) return TYPE_STRING;
  if (first == 0x6e) return TYPE_NULL;
  return first == 0x74 || first == 0x66 ? TYPE_BOOLEAN : TYPE_NUMBER;
}

function members(from: i32, node: i32, depth: i32): i32 {
  if (depth <= 0) return fail(FAULT_DEPTH);
  const firstName = open;
  const table: i32 = load<i32>(node + NODE_MEMBERS);
  const star: i32 = load<i32>(node + NODE_STAR);
  let missing: i32 = load<i32>(node + NODE_REQUIRED);
  let seen: u64 = 0;
  let names: u64 = 0;
  // Members that leave as they stand, one behind the other, and are not appended yet.
  let run = 0;
  let runEnd = 0;
  // The member that came here last time, and where that is noted. Names come there as they were read: plain ones.
  let link = table + TABLE_FIRST;
  let guess: i32 = table == 0 ? 0 : load<i32>(link);
  // Where the next byte is written, which others learn by `setOut`; and how many commas stand before the next member.
  let to = out;
  let comma = 0;
  if (to + 2 > OUTPUT_END) return fail(FAULT_OUTPUT);
  store<u8>(to++, 0x7b);
  let at = space(from + 1);
  if (load<u8>(at) != 0x7d) {
    while (true) {
      if (load<u8>(at) != 0x22) return 0;
      const start = at + 1;
      let slot = guess;
      let length: i32 = guess == 0 ? 0 : load<u16>(guess + 8);
      let ordinal: i32 = guess == 0 ? 0 : load<u16>(guess + 10);
      // Most records have the members of the one before in its order: then a name need not be read to be known.
      if (guess != 0 && isSame(load<i32>(guess + 4), start, length + NAME_END_BYTES)) at = start + length + NAME_END_BYTES;
      else {
        at = readName(at, link, table, star == 0);
        if (at == 0) return 0;
        slot = nameSlot;
        length = nameLength;
        ordinal = slot == 0 ? 0 : load<u16>(slot + 10);
      }
      if (slot != 0) {
        link = slot + SLOT_NEXT;
        guess = load<i32>(link);
      }
      if (ordinal == 0) {
        const hash: i32 = slot == 0 ? nameHash : load<i32>(slot);
        const bit = bitOf(hash);
        if (remember(firstName, hash, start, length, (names & bit) != 0) == 0) return 0;
        names |= bit;
      } else {
        const bit: u64 = <u64>1 << <u64>(ordinal - 1);
        if ((seen & bit) != 0) return fail(FAULT_DUPLICATE);
        seen |= bit;
      }
      at = space(at);
      const entry: i32 = slot == 0 ? 0 : load<i32>(slot + 12);
      missing -= entry & 1;
      const child = entry == 0 ? star : entry & ~1;
      const isText = load<u8>(at) == 0x22;
      if (child == 0) {
        tick(load<i32>(node + NODE_UNLISTED));
        at = isText ? anyText(at) : skip(at, depth - 1);
      } else if (isText && (<i32>load<i32>(child + NODE_HAS) & HAS_PLAIN_TEXT) != 0 && at == start + length + NAME_END_BYTES) {
        at = anyText(at);
        if (load<i32>(child + NODE_OP) != OP_SHARE) tick(load<i32>(child + NODE_COUNTER));
        else {
          if (run == 0 || start != runEnd + 2) {
            if (run != 0) {
              to = putRun(to, run, runEnd);
              if (to == 0) return 0;
            }
            store<u8>(to, 0x2c);
            to += comma;
            comma = 1;
            run = start - 1;
          }
          runEnd = at;
        }
      } else {
        if (run != 0) {
          to = putRun(to, run, runEnd);
          if (to == 0) return 0;
          run = 0;
        }
        if (to + length + 8 > OUTPUT_END) return fail(FAULT_OUTPUT);
        const before = to;
        store<u8>(to, 0x2c);
        to += comma;
        copy(to, start - 1, length + 2);
        to += length + 3;
        store<u8>(to - 1, 0x3a);
        setOut(to);
        at = rule(at, child, depth - 1);
        if (gone != 0) to = before;
        else {
          const asked: i32 = load<i32>(child + NODE_CAPTURE);
          if (asked != 0) capture(asked, to);
          to = out;
          comma = 1;
        }
      }
      if (at == 0) return 0;
      at = space(at);
      const c: i32 = load<u8>(at);
      if (c == 0x2c) at = space(at + 1);
      else if (c == 0x7d) break;
      else return 0;
    }
  }
  if (missing != 0) return fail(FAULT_REQUIRED);
  if (run != 0) {
    to = putRun(to, run, runEnd);
    if (to == 0) return 0;
  }
  if (to + 1 > OUTPUT_END) return fail(FAULT_OUTPUT);
  store<u8>(to, 0x7d);
  setOut(to + 1);
  setOpen(firstName);
  setGone(0);
  return at + 1;
}

/** An array keeps its length: in the place of what is gone stands null. */
function elements(from: i32, node: i32, depth: i32): i32 {
  if (depth <= 0) return fail(FAULT_DEPTH);
  const child: i32 = load<i32>(node + NODE_ELEMENTS);
  let count = 0;
  if (!fits(2)) return fail(FAULT_OUTPUT);
  put(0x5b);
  let at = space(from + 1);
  if (load<u8>(at) != 0x5d) {
    while (true) {
      if (!fits(8)) return fail(FAULT_OUTPUT);
      if (count > 0) put(0x2c);
      at = rule(at, child, depth - 1);
      if (at == 0) return 0;
      if (gone != 0) {
        store<i32>(out, 0x6c6c756e);
        setOut(out + 4);
      }
      count++;
      if (count > itemsMax) return fail(FAULT_ARRAY);
      at = space(at);
      const c: i32 = load<u8>(at);
      if (c == 0x2c) at = space(at + 1);
      else if (c == 0x5d) break;
      else return 0;
    }
  }
  const hasItems = (<i32>load<i32>(node + NODE_HAS) & HAS_ITEMS) != 0;
  if (hasItems && (count < load<i32>(node + NODE_ITEMS_LEAST) || count > load<i32>(node + NODE_ITEMS_MOST))) {
    return fail(FAULT_CHECK);
  }
  if (!fits(1)) return fail(FAULT_OUTPUT);
  put(0x5d);
  setGone(0);
  return at + 1;
}
