/** Rounding to multiples of a step. */
import { HAS_PLAIN_NUMBER, MODE_CEIL, MODE_FLOOR, MODE_HALF_EVEN, NODE_ARGUMENT, NODE_HAS, NODE_SCALE, NODE_UNITS, POWERS } from "../layout";
import { putDecimal, raise, scale, units } from "./number";

/** Powers of ten that have 32 bits. */
const POWERS_END: i32 = 10;

export function layPowers(): void {
  let power: u32 = 1;
  for (let k = 0; k < POWERS_END; k++) {
    store<u32>(POWERS + (k << 2), power);
    power *= 10;
  }
}

/**
 * Rounds a number of up to eight digits from its first character, without sign and exponent, where any such number may stand; the caller
 * has asked for room. Returns the index behind it, or 0: that is for others to do. There is no loop whose length could be foreseen wrongly.
 */
// @ts-ignore: decorator
@inline
export function roundedAtOnce(from: i32, node: i32): i32 {
  if ((<i32>load<i32>(node + NODE_HAS) & HAS_PLAIN_NUMBER) == 0) return 0;
  const digits = i8x16.lt_u(i8x16.sub(v128.load(from), i8x16.splat(0x30)), i8x16.splat(10));
  const others = ~i8x16.bitmask(digits) | 0x10000;
  const point = ctz(others);
  const hasPoint = load<u8>(from + point) == 0x2e;
  const end = hasPoint ? ctz((others & (others - 1)) | 0x10000) : point;
  const after = hasPoint ? end - point - 1 : 0;
  const count = point + after;
  const above = after - load<i32>(node + NODE_SCALE);
  const isPlain = point > 0 && count <= 8 && above >= 0 && !(hasPoint && after == 0) && (<i32>load<u8>(from + end) | 0x20) != 0x65;
  if (!isPlain || (point > 1 && load<u8>(from) == 0x30)) return 0;
  // The digits without the point, the last in the highest byte, and zeros before the first.
  const before = (<u64>1 << (<u64>point << 3)) - 1;
  const whole = point == 8 ? load<u64>(from) : (load<u64>(from) & before) | (load<u64>(from + 1) & ~before);
  const packed = (whole ^ 0x3030303030303030) << (<u64>(8 - count) << 3);
  // Pairs of digits, then pairs of pairs, each time by a multiplication that adds neighbours up.
  const pairs = packed * 10 + (packed >> 8);
  const low = (pairs & 0xff000000ff) * 0xf424000000064;
  const high = ((pairs >> 16) & 0xff000000ff) * 0x271000000001;
  const size = <u32>((low + high) >> 32);
  const multiple: i64 = load<i64>(node + NODE_UNITS);
  if (multiple > i64(u32.MAX_VALUE)) return 0;
  const step = multiple * <i64>load<u32>(POWERS + (above << 2));
  if (step > i64(u32.MAX_VALUE)) return 0;
  const lower = size / <u32>step;
  const rest = size - lower * <u32>step;
  const up = roundsUp(load<i32>(node + NODE_ARGUMENT), lower, 2 * <i64>rest - step, rest == 0);
  putDecimal((<i64>lower + i64(up)) * multiple, load<i32>(node + NODE_SCALE));
  return from + end;
}

/** Rounds the number that was just parsed; false: it does not fit. */
export function round(node: i32): bool {
  const stepScale: i32 = load<i32>(node + NODE_SCALE);
  const above = scale - stepScale;
  const multiple: i64 = load<i64>(node + NODE_UNITS);
  const step = raise(multiple, above);
  const size = raise(units < 0 ? -units : units, -above);
  if (step < 0 || size < 0) return false;
  const isNegative = units < 0;
  // Towards zero first, in 32 bits where both fit, which is much faster; then the multiple below.
  const whole: i64 = (size | step) <= i64(u32.MAX_VALUE) ? i64(<u32>size / <u32>step) : size / step;
  const rest = size - whole * step;
  const lower = isNegative ? -whole - i64(rest != 0) : whole;
  const over = isNegative && rest != 0 ? step - rest : rest;
  const up = roundsUp(load<i32>(node + NODE_ARGUMENT), lower, 2 * over - step, rest == 0);
  putDecimal((up ? lower + 1 : lower) * multiple, stepScale);
  return true;
}

/** `half`: less than, equal to or greater than 0, as what is over is against half a step. */
// @ts-ignore: decorator
@inline
function roundsUp(mode: i32, lower: i64, half: i64, isExact: bool): bool {
  if (mode == MODE_FLOOR) return false;
  if (mode == MODE_CEIL) return !isExact;
  if (half != 0) return half > 0;
  return mode == MODE_HALF_EVEN ? (lower & 1) != 0 : lower >= 0;
}
