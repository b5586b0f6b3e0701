/** Zigzag varints of the record format (protocol buffers' sint32 and sint64). Numbers, and bigint only where they must be. */
export class VarintReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** A 32-bit value. Throws RangeError at the end of the bytes or above five bytes. */
  int(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new RangeError("a varint of more than five bytes");
  }

  /** A 64-bit value. Throws RangeError at the end of the bytes or above ten bytes. */
  long(): bigint {
    return BigInt(this.delta());
  }

  /** What `long` reads; a value of up to four bytes, which is the common case, comes as a number, because a bigint is garbage. */
  delta(): number | bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new RangeError("a varint of more than ten bytes");
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Buffer {
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new RangeError("a length beyond the end");
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  skip(length: number): void {
    if (length < 0 || this.at + length > this.bytes.length) throw new RangeError("a length beyond the end");
    this.at += length;
  }

  /** Throws RangeError at the end of the bytes. */
  byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError("the end inside a varint");
    this.at += 1;
    return byte;
  }
}

/** Bytes that `value` takes as a zigzag varint of 32 bits. */
export function sizeOfInt(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (rest > 0x7f) {
    rest >>>= 7;
    size += 1;
  }
  return size;
}

/** Bytes that `value` takes as a zigzag varint of 64 bits. */
export function sizeOfLong(value: bigint): number {
  const short = Number(value);
  if (isShort(short)) return sizeOfInt(short);
  let rest = zigzag(value);
  let size = 1;
  while (rest > 0x7fn) {
    rest >>= 7n;
    size += 1;
  }
  return size;
}

/** Writes `value` at `at` and returns where the next byte goes. */
export function writeInt(bytes: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let to = at;
  while (rest > 0x7f) {
    bytes[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

/** Writes `value` at `at` and returns where the next byte goes. */
export function writeLong(bytes: Buffer, at: number, value: bigint): number {
  const short = Number(value);
  if (isShort(short)) return writeInt(bytes, at, short);
  let rest = zigzag(value);
  let to = at;
  while (rest > 0x7fn) {
    bytes[to++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[to++] = Number(rest);
  return to;
}

/** Nearly all values are; bigint arithmetic costs ten times as much. */
const isShort = (value: number): boolean => value > -0x4000_0000 && value < 0x4000_0000;

const zigzag = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
