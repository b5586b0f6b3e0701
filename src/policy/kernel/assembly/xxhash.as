/** xxHash of 32 bits with seed 0 (xxHash specification, "XXH32"): the checksums of LZ4 frames. */
const PRIME_1: u32 = 0x9e3779b1;
const PRIME_2: u32 = 0x85ebca77;
const PRIME_3: u32 = 0xc2b2ae3d;
const PRIME_4: u32 = 0x27d4eb2f;
const PRIME_5: u32 = 0x165667b1;

export function xxh32(from: i32, length: i32): u32 {
  const end = from + length;
  let at = from;
  let sum: u32 = PRIME_5;
  if (length >= 16) {
    let lanes = i32x4(<i32>(PRIME_1 + PRIME_2), <i32>PRIME_2, 0, -<i32>PRIME_1);
    const factor = i32x4.splat(<i32>PRIME_2);
    const second = i32x4.splat(<i32>PRIME_1);
    while (end - at >= 16) {
      const mixed = i32x4.add(lanes, i32x4.mul(v128.load(at), factor));
      lanes = i32x4.mul(v128.or(i32x4.shl(mixed, 13), i32x4.shr_u(mixed, 19)), second);
      at += 16;
    }
    sum = rotl<u32>(i32x4.extract_lane(lanes, 0), 1) + rotl<u32>(i32x4.extract_lane(lanes, 1), 7)
      + rotl<u32>(i32x4.extract_lane(lanes, 2), 12) + rotl<u32>(i32x4.extract_lane(lanes, 3), 18);
  }
  sum += <u32>length;
  while (end - at >= 4) {
    sum = rotl<u32>(sum + <u32>load<u32>(at) * PRIME_3, 17) * PRIME_4;
    at += 4;
  }
  while (at < end) {
    sum = rotl<u32>(sum + <u32>load<u8>(at) * PRIME_5, 11) * PRIME_1;
    at++;
  }
  sum = (sum ^ (sum >> 15)) * PRIME_2;
  sum = (sum ^ (sum >> 13)) * PRIME_3;
  return sum ^ (sum >> 16);
}
