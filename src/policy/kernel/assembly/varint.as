/** Zigzag varints of Kafka's record format (protocol buffers' sint32 and sint64), read with a cursor and appended to what leaves. */
import { out, setOut } from "./memory";

/** Where the next byte is read. Readers look no more than 10 bytes ahead: who calls them asks afterwards whether that was within. */
export let cursor: i32 = 0;
/** A varint since `startAt` was too long. */
export let broken: bool = false;

export function startAt(at: i32): void {
  cursor = at;
  broken = false;
}
export function moveTo(at: i32): void { cursor = at; }

/** 32 bits; at most five bytes, of which superfluous bits fall away. */
// @ts-ignore: decorator
@inline
export function int(): i32 {
  const first: i32 = load<u8>(cursor);
  if (first > 0x7f) return longInt();
  cursor++;
  return (first >>> 1) ^ -(first & 1);
}

function longInt(): i32 {
  let value: u32 = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte: u32 = load<u8>(cursor);
    cursor++;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return <i32>(value >> 1) ^ -(<i32>(value & 1));
  }
  broken = true;
  return 0;
}

/** 64 bits; at most ten bytes, none of whose bits falls away. */
export function long(): i64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    const byte: u64 = load<u8>(cursor);
    cursor++;
    value |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (shift == 63 && byte > 1) break;
    return <i64>(value >> 1) ^ -(<i64>(value & 1));
  }
  broken = true;
  return 0;
}

// @ts-ignore: decorator
@inline
function zigzag(value: i64): u64 {
  return <u64>((value << 1) ^ (value >> 63));
}

/** Bytes that a value takes. */
// @ts-ignore: decorator
@inline
export function sizeOf(value: i64): i32 {
  const rest = zigzag(value);
  return rest < 0x80 ? 1 : <i32>((70 - clz(rest)) / 7);
}

/** Appends a value; the caller has asked for room. */
// @ts-ignore: decorator
@inline
export function putVarint(value: i64): void {
  let rest = zigzag(value);
  let at = out;
  while (rest > 0x7f) {
    store<u8>(at++, <u8>rest | 0x80);
    rest >>= 7;
  }
  store<u8>(at, <u8>rest);
  setOut(at + 1);
}
