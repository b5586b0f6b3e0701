/** Frame descriptor flags (LZ4 frame format 1.6, "FLG byte"). */
const FLAG = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const;
const MAGIC = 0x184d2204;
const DESCRIPTOR_BYTES = 7;
const STORED_BIT = 0x8000_0000;
const MATCH_BYTES_MIN = 4;
/** A length of 15 in a token goes on in the next bytes. */
const LENGTH_GOES_ON = 15;

/**
 * Bytes that an LZ4 frame unpacks to, found by walking its tokens, so that nothing is unpacked before its size is known:
 * a frame may swell 255 times, and the decompressor's memory never shrinks. Stops early above `bytesMax` with a number
 * greater than that. Undefined when the bytes are not one whole frame.
 */
export function lz4PlainBytes(frame: Buffer, bytesMax: number): number | undefined {
  const layout = descriptor(frame);
  if (layout === undefined) return undefined;
  const walk = new TokenWalk(frame, bytesMax);
  let at = layout.firstBlock;
  while (at + 4 <= frame.length) {
    const word = frame.readUInt32LE(at);
    at += 4;
    if (word === 0) return at + layout.trailerBytes === frame.length ? walk.plain : undefined;
    const end = at + (word >= STORED_BIT ? word - STORED_BIT : word);
    if (end + layout.blockTrailerBytes > frame.length) return undefined;
    if (word >= STORED_BIT) walk.plain += end - at;
    else if (!walk.block(at, end)) return undefined;
    if (walk.plain > bytesMax) return walk.plain;
    at = end + layout.blockTrailerBytes;
  }
  return undefined;
}

interface FrameLayout {
  readonly firstBlock: number;
  readonly blockTrailerBytes: number;
  readonly trailerBytes: number;
}

function descriptor(frame: Buffer): FrameLayout | undefined {
  if (frame.length < DESCRIPTOR_BYTES || frame.readUInt32LE(0) !== MAGIC) return undefined;
  const flags = frame.readUInt8(4);
  const bytesFor = (flag: number, bytes: number): number => ((flags & flag) === 0 ? 0 : bytes);
  if (bytesFor(FLAG.dictionary, 4) > 0) return undefined;
  return {
    firstBlock: DESCRIPTOR_BYTES + bytesFor(FLAG.contentSize, 8),
    blockTrailerBytes: bytesFor(FLAG.blockChecksum, 4),
    trailerBytes: bytesFor(FLAG.contentChecksum, 4),
  };
}

/** Adds up what the sequences of compressed blocks unpack to (LZ4 block format, "Compressed block format"). */
class TokenWalk {
  plain = 0;
  readonly #frame: Buffer;
  readonly #bytesMax: number;
  #at = 0;

  constructor(frame: Buffer, bytesMax: number) {
    this.#frame = frame;
    this.#bytesMax = bytesMax;
  }

  /** Walks `frame[at, end)`; false when that is not sound. Ends early above the bound. */
  block(at: number, end: number): boolean {
    this.#at = at;
    while (this.#at < end && this.plain <= this.#bytesMax) {
      const token = this.#byte();
      const literals = this.#length(token >>> 4, end);
      this.#at += literals;
      this.plain += literals;
      // The last sequence of a block is literals alone.
      if (this.#at === end) return true;
      if (this.#at + 2 > end) return false;
      const distance = this.#byte() | (this.#byte() << 8);
      if (distance === 0 || distance > this.plain) return false;
      this.plain += this.#length(token & 0x0f, end) + MATCH_BYTES_MIN;
    }
    return this.plain > this.#bytesMax;
  }

  #length(nibble: number, end: number): number {
    let length = nibble;
    if (nibble !== LENGTH_GOES_ON) return length;
    for (let more = 255; more === 255 && this.#at < end; length += more) more = this.#byte();
    return length;
  }

  #byte(): number {
    const byte = this.#frame[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}
