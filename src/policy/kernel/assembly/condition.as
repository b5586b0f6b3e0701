/** Need to know: which of the plan's conditions the values of this record meet. */
import { CONDITION_EXISTS, CONDITION_PREFIX, FAULT_CONDITION, NODE_CONDITIONS } from "../layout";
import { isListed } from "./check";
import { fail, same } from "./memory";
import { escaped } from "./text";

/** A bit for each condition that is met. */
export let met: i32 = 0;

export function forgetConditions(): void { met = 0; }

/** Holds the value that was just read against the conditions at its node. 0: its spelling is not for the kernel. */
export function meet(node: i32, from: i32, to: i32): i32 {
  const list: i32 = load<i32>(node + NODE_CONDITIONS);
  if (list == 0) return 1;
  const first: i32 = load<u8>(from);
  const end = list + 8 + (<i32>load<i32>(list) << 4);
  for (let row = list + 8; row < end; row += 16) {
    const op: i32 = load<i32>(row + 4);
    let isMet = false;
    if (op == CONDITION_EXISTS) isMet = first != 0x6e;
    else if (first == 0x22) {
      if (escaped != 0) return fail(FAULT_CONDITION);
      const values: i32 = load<i32>(row + 8);
      const length = to - from - 2;
      isMet = op == CONDITION_PREFIX ? hasPrefix(values, from + 1, length) : isListed(values, from + 1, length);
    }
    if (isMet) met |= load<i32>(row);
  }
  return 1;
}

function hasPrefix(list: i32, from: i32, length: i32): bool {
  const end = list + 8 + (<i32>load<i32>(list) << 3);
  for (let row = list + 8; row < end; row += 8) {
    const wanted: i32 = load<i32>(row + 4);
    if (wanted <= length && same(load<i32>(row), from, wanted)) return true;
  }
  return false;
}
