/** Parts of a frame (LZ4 frame format 1.6) that a writer may leave out. */
export interface Lz4Flags {
  readonly isIndependent?: boolean;
  readonly blockChecksums?: boolean;
  readonly contentSize?: boolean;
  readonly contentChecksum?: boolean;
  /** Bits that are turned over in the two bytes of the descriptor: what no writer sets. */
  readonly odd?: readonly [flag: number, block: number];
}

interface Block {
  readonly bytes: Buffer;
  readonly isStored: boolean;
}

const MAGIC = 0x184d2204;
const STORED = 0x8000_0000;

/** The blocks of a frame of 7 bytes of header and without checksums, as the library makes it. */
export function blocksIn(frame: Buffer): readonly Block[] {
  const blocks: Block[] = [];
  const hasSize = (frame.readUInt8(4) & 0x08) !== 0;
  for (let at = hasSize ? 15 : 7; frame.readUInt32LE(at) !== 0; ) {
    const word = frame.readUInt32LE(at);
    const size = word % STORED;
    blocks.push({ bytes: frame.subarray(at + 4, at + 4 + size), isStored: word >= STORED });
    at += 4 + size;
  }
  return blocks;
}

/** A frame of these blocks; `plain` is what its checksum and size are of. */
export function frameOf(blocks: readonly Block[], plain: Buffer | undefined, flags: Lz4Flags): Buffer {
  const {
    isIndependent = true,
    blockChecksums = false,
    contentSize = false,
    contentChecksum = false,
    odd = [0, 0],
  } = flags;
  const flag =
    0x40 |
    (isIndependent ? 0x20 : 0) |
    (blockChecksums ? 0x10 : 0) |
    (contentSize ? 0x08 : 0) |
    (contentChecksum ? 0x04 : 0);
  const isLarge = blocks.some(({ bytes }) => bytes.length > 65_537) || (plain?.length ?? 0) > 65_536;
  const head = Buffer.from([flag ^ odd[0], (isLarge ? 0x70 : 0x40) ^ odd[1]]);
  const descriptor = contentSize ? Buffer.concat([head, long(plain?.length ?? 0)]) : head;
  const parts = [word(MAGIC), descriptor, Buffer.from([(xxh32(descriptor) >>> 8) & 0xff])];
  for (const { bytes, isStored } of blocks) {
    parts.push(word(bytes.length + (isStored ? STORED : 0)), bytes);
    if (blockChecksums) parts.push(word(xxh32(bytes)));
  }
  parts.push(word(0));
  if (contentChecksum) parts.push(word(xxh32(plain ?? Buffer.alloc(0))));
  return Buffer.concat(parts);
}

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

const PRIMES = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const turn = (value: number, by: number): number => ((value << by) | (value >>> (32 - by))) >>> 0;

/** xxHash of 32 bits with seed 0, by its specification. */
export function xxh32(bytes: Buffer): number {
  const [one, two, three, four, five] = PRIMES;
  let at = 0;
  let sum: number = five;
  if (bytes.length >= 16) {
    const lanes = [one + two, two, 0, -one];
    for (; bytes.length - at >= 16; at += 16) {
      for (let lane = 0; lane < 4; lane++) {
        const mixed = (lanes[lane] ?? 0) + Math.imul(bytes.readUInt32LE(at + 4 * lane), two);
        lanes[lane] = Math.imul(turn(mixed, 13), one);
      }
    }
    sum = [1, 7, 12, 18].reduce((total, by, lane) => total + turn(lanes[lane] ?? 0, by), 0);
  }
  sum += bytes.length;
  for (; bytes.length - at >= 4; at += 4)
    sum = Math.imul(turn(sum + Math.imul(bytes.readUInt32LE(at), three), 17), four);
  for (; at < bytes.length; at++) sum = Math.imul(turn(sum + Math.imul(bytes.readUInt8(at), five), 11), one);
  sum = Math.imul(sum ^ (sum >>> 15), two);
  sum = Math.imul(sum ^ (sum >>> 13), three);
  return (sum ^ (sum >>> 16)) >>> 0;
}
