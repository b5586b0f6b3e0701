/** Values under a plan: containers by their children, everything else by its action. Default deny: what no node names is skipped. */
import {
  FAULT_ARRAY, FAULT_CHECK, FAULT_DEPTH, FAULT_DUPLICATE, FAULT_FOREIGN, FAULT_OUTPUT, FAULT_REQUIRED, FAULT_TYPE, HAS_CHECK, HAS_ITEMS, HAS_OBJECT,
  HAS_OTHER, HAS_TAKEN, NODE_ARGUMENT, NODE_DROPPED, NODE_ELEMENTS, NODE_HAS, NODE_ITEMS_LEAST, NODE_ITEMS_MOST,
  NODE_MEMBERS, NODE_OP, NODE_REQUIRED, NODE_STAR, NODE_TYPES, NODE_UNLISTED, OP_CHILDREN, OP_FOREIGN,
  TYPE_ARRAY, TYPE_BOOLEAN, TYPE_INTEGER, TYPE_NULL, TYPE_NUMBER, TYPE_OBJECT, TYPE_STRING,
} from "../layout";
import { meet } from "./condition";
import { blind, leaf } from "./leaf";
import { fail, fits, gone, out, put, putBytes, setGone, setOut } from "./memory";
import { find, hash, open, remember, setOpen } from "./names";
import { itemsMax, skip } from "./skip";
import { tick } from "./tally";
import { name, space } from "./text";

/** Any value. Returns the index behind it, or 0; `gone` says whether nothing of it is left. */
export function rule(from: i32, node: i32, depth: i32): i32 {
  setGone(0);
  const op: i32 = load<i32>(node + NODE_OP);
  if (op == OP_CHILDREN) return container(from, node, depth);
  return op == OP_FOREIGN ? fail(FAULT_FOREIGN) : leaf(from, node, op, depth);
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
  let isFirst = true;
  let seen: u64 = 0;
  if (!fits(2)) return fail(FAULT_OUTPUT);
  put(0x7b);
  let at = space(from + 1);
  if (load<u8>(at) != 0x7d) {
    while (true) {
      if (load<u8>(at) != 0x22) return 0;
      const start = at + 1;
      at = name(at);
      if (at == 0) return 0;
      const length = at - start - 1;
      const hashed = hash(start, length);
      const slot = table == 0 ? 0 : find(table, hashed, start, length);
      const ordinal: i32 = slot == 0 ? 0 : load<u16>(slot + 10);
      if (ordinal == 0) {
        if (remember(firstName, hashed, start, length) == 0) return 0;
      } else {
        const bit: u64 = <u64>1 << <u64>(ordinal - 1);
        if ((seen & bit) != 0) return fail(FAULT_DUPLICATE);
        seen |= bit;
      }
      at = space(at);
      if (load<u8>(at) != 0x3a) return 0;
      at = space(at + 1);
      const entry: i32 = slot == 0 ? 0 : load<i32>(slot + 12);
      missing -= entry & 1;
      const child = slot == 0 ? star : entry & ~1;
      if (child == 0) {
        tick(load<i32>(node + NODE_UNLISTED));
        at = skip(at, depth - 1);
      } else {
        const before = out;
        if (!fits(length + 8)) return fail(FAULT_OUTPUT);
        if (!isFirst) put(0x2c);
        putBytes(start - 1, length + 2);
        put(0x3a);
        at = rule(at, child, depth - 1);
        if (gone != 0) setOut(before);
        else isFirst = false;
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
  if (!fits(1)) return fail(FAULT_OUTPUT);
  put(0x7d);
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
