/** Base64url (RFC 4648 §5) of names of 16 bytes, and the blocks that they are made of. */
import { BLOCK_BYTES, ID_BLOCKS, ID_HOLES, NAME_BYTES, PLACE_BLOCKS, PLACE_HOLES } from "../batch-layout";

/** Writes names into the holes that wait for them. Both kinds of blocks have been encrypted. */
export function fillHoles(count: i32): void {
  for (let k = 0; k < count; k++) {
    const id: i32 = load<i32>(ID_HOLES + (k << 2));
    if (id != 0) putName(id, ID_BLOCKS + k * BLOCK_BYTES);
    putName(load<i32>(PLACE_HOLES + (k << 2)), PLACE_BLOCKS + k * BLOCK_BYTES);
  }
}

/** 22 characters: five lanes of three bytes and one of the last byte, of whose letters two are written. */
function putName(to: i32, block: i32): void {
  const bytes = v128.load(block);
  const first = letters(i8x16.swizzle(bytes, i8x16(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1)));
  const rest = letters(i8x16.swizzle(bytes, i8x16(14, 13, 12, -1, -1, -1, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1)));
  v128.store(to, first);
  v128.store32_lane(to + 16, rest, 0);
  v128.store16_lane(to + NAME_BYTES - 2, rest, 2);
}

/** Four letters for each lane of 24 bits, the first letter lowest. */
// @ts-ignore: decorator
@inline
function letters(lanes: v128): v128 {
  const six = i32x4.splat(0x3f);
  const first = i32x4.shr_u(lanes, 18);
  const second = i32x4.shl(v128.and(i32x4.shr_u(lanes, 12), six), 8);
  const third = i32x4.shl(v128.and(i32x4.shr_u(lanes, 6), six), 16);
  const fourth = i32x4.shl(v128.and(lanes, six), 24);
  const numbers = v128.or(v128.or(first, second), v128.or(third, fourth));
  // 0–25: A–Z, 26–51: a–z, 52–61: 0–9, 62: -, 63: _
  let shift = i8x16.splat(65);
  shift = v128.bitselect(i8x16.splat(71), shift, i8x16.gt_s(numbers, i8x16.splat(25)));
  shift = v128.bitselect(i8x16.splat(-4), shift, i8x16.gt_s(numbers, i8x16.splat(51)));
  shift = v128.bitselect(i8x16.splat(-17), shift, i8x16.gt_s(numbers, i8x16.splat(61)));
  shift = v128.bitselect(i8x16.splat(32), shift, i8x16.gt_s(numbers, i8x16.splat(62)));
  return i8x16.add(numbers, shift);
}
