/**
 * LZ4 frames (frame format 1.6, block format), from PACKED to INPUT. What is not as its writers make it to the letter is left to the
 * host: dictionaries, several frames, ends of blocks that the format forbids, checksums that do not hold, more than there is room for.
 */
import { PACKED, PACKED_BYTES } from "../batch-layout";
import { INPUT, INPUT_BYTES } from "../layout";
import { copy } from "./memory";
import { xxh32 } from "./xxhash";

const MAGIC: u32 = 0x184d2204;
const VERSION: i32 = 0x40;
/** Version, and the bits that must be 0: reserved, dictionary. */
const FIXED_BITS: i32 = 0xc3;
const INDEPENDENT: i32 = 0x20;
const BLOCK_CHECKSUM: i32 = 0x10;
const CONTENT_SIZE: i32 = 0x08;
const CONTENT_CHECKSUM: i32 = 0x04;
/** Of the block descriptor: all but the largest block, whose number is at least 4. */
const BLOCK_RESERVED: i32 = 0x8f;
const STORED: u32 = 0x80000000;
/** A block with matches ends in so many literals, and its last match begins so far before its end. */
const LAST_LITERALS: i32 = 5;
const MATCH_BEFORE_END: i32 = 12;
const GOES_ON: i32 = 15;
const MATCH_LEAST: i32 = 4;

/** Unpacks a frame of so many bytes at PACKED. Returns the bytes that lie at INPUT then, or −1: it is the host's. */
export function unpackLz4(length: i32): i32 {
  if (length < 11 || length > PACKED_BYTES || <u32>load<u32>(PACKED) != MAGIC) return -1;
  const end = PACKED + length;
  const flags: i32 = load<u8>(PACKED + 4);
  const descriptor: i32 = load<u8>(PACKED + 5);
  if ((flags & FIXED_BITS) != VERSION || (descriptor & BLOCK_RESERVED) != 0 || descriptor < 0x40) return -1;
  const descriptorBytes = (flags & CONTENT_SIZE) != 0 ? 10 : 2;
  const first = PACKED + 4 + descriptorBytes;
  if (first >= end || <i32>load<u8>(first) != <i32>((xxh32(PACKED + 4, descriptorBytes) >> 8) & 0xff)) return -1;
  const to = blocks(first + 1, end, flags, 1 << (8 + ((descriptor >> 4) << 1)));
  if (to < INPUT) return -1;
  const plain = to - INPUT;
  return (flags & CONTENT_SIZE) != 0 && <u64>load<u64>(PACKED + 6) != <u64>plain ? -1 : plain;
}

/** All blocks, up to the end of the frame; where the plain bytes end, or 0. */
function blocks(first: i32, end: i32, flags: i32, largest: i32): i32 {
  const trailer = (flags & BLOCK_CHECKSUM) != 0 ? 4 : 0;
  let at = first;
  let to = INPUT;
  while (end - at >= 4) {
    const word: u32 = load<u32>(at);
    at += 4;
    if (word == 0) return isEnd(at, end, flags, to) ? to : 0;
    const size = <i32>(word & ~STORED);
    if (size > largest || size > end - at - trailer) return 0;
    const from = to;
    const most = min(to + largest, INPUT + INPUT_BYTES);
    if ((word & STORED) != 0) {
      if (size > most - to) return 0;
      memory.copy(to, at, size);
      to += size;
    } else to = block(at, at + size, to, (flags & INDEPENDENT) != 0 ? from : INPUT, most);
    if (to == 0) return 0;
    if (trailer != 0 && <u32>load<u32>(at + size) != xxh32(at, size)) return 0;
    at += size + trailer;
  }
  return 0;
}

function isEnd(at: i32, end: i32, flags: i32, to: i32): bool {
  if ((flags & CONTENT_CHECKSUM) == 0) return at == end;
  return end - at == 4 && <u32>load<u32>(at) == xxh32(INPUT, to - INPUT);
}

/** The sequences of one block: where they end in INPUT, or 0. `lowest`: no match reaches below it; `most`: nothing is written beyond. */
function block(from: i32, end: i32, start: i32, lowest: i32, most: i32): i32 {
  let at = from;
  let to = start;
  let lastMatch = -1;
  while (at < end) {
    const token: i32 = load<u8>(at++);
    let literals = token >>> 4;
    if (literals == GOES_ON) {
      let more = 255;
      while (more == 255 && at < end) {
        more = load<u8>(at++);
        literals += more;
      }
    }
    if (literals > end - at || literals > most - to) return 0;
    v128.store(to, v128.load(at));
    if (literals > 16) copy(to + 16, at + 16, literals - 16);
    to += literals;
    at += literals;
    if (at == end) return lastMatch < 0 || (literals >= LAST_LITERALS && to - lastMatch >= MATCH_BEFORE_END) ? to : 0;
    if (end - at < 2) return 0;
    const distance: i32 = load<u16>(at);
    at += 2;
    let length = token & 15;
    if (length == GOES_ON) {
      let more = 255;
      while (more == 255 && at < end) {
        more = load<u8>(at++);
        length += more;
      }
    }
    length += MATCH_LEAST;
    if (distance == 0 || distance > to - lowest || length > most - to) return 0;
    lastMatch = to;
    if (distance >= 16) {
      v128.store(to, v128.load(to - distance));
      if (length > 16) copy(to + 16, to + 16 - distance, length - 16);
    } else repeat(to, distance, length);
    to += length;
  }
  return 0;
}

/** A match that overlaps itself within a vector: byte by byte until whole vectors can be taken from what was written. */
function repeat(to: i32, distance: i32, length: i32): void {
  let span = distance;
  while (span < 16) span += distance;
  const few = min(span, length);
  for (let k = 0; k < few; k++) store<u8>(to + k, load<u8>(to + k - distance));
  if (length > span) copy(to + span, to, length - span);
}
