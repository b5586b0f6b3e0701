import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { lz4Decompress, snappyDecompress } from "@platformatic/wasm-utils";
import { MeshError } from "../kernel/error.ts";
import { lz4PlainBytes } from "./lz4-frame.ts";
import { zstdPlainBytes } from "./zstd-frame.ts";

/** Codec numbers as the low three bits of a batch's attributes have them. */
export const CODEC = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type CodecName = keyof typeof CODEC;

/** Fastest useful level: as cheap as LZ4, half the bytes. Tables that stay in a core's own cache make it a fifth faster still. */
const ZSTD_PACKED = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_windowLog]: 17,
  [constants.ZSTD_c_hashLog]: 13,
  [constants.ZSTD_c_minMatch]: 6,
} as const;
/** Packers hand out pieces of one size, which have to be put together; the default of 16 KiB makes unpacking twice as long. */
const PIECE_BYTES = { least: 16 * 1024, most: 8 * 1024 * 1024 } as const;
const pieceBytes = (wanted: number): number =>
  Math.max(PIECE_BYTES.least, Math.min(PIECE_BYTES.most, Math.ceil(wanted)));
/** Bytes are reserved for a pack that is so much larger than the one before it. */
const PACKED_MORE = 1.25;
/** No frame of a common level (up to 19) has a larger window; level 22 would make the reader allocate 128 MiB. */
const ZSTD_WINDOW_LOG_MAX = 27;
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

interface CodecRow {
  readonly name: string;
  /** Plain bytes of at most `bytesMax`; RangeError above the bound; undefined, or throws anything else, on broken input. */
  readonly unpack: (packed: Buffer, bytesMax: number) => Buffer | undefined;
}

/** Everything known of a codec, by its number. */
const CODECS: readonly CodecRow[] = [
  { name: "none", unpack: (packed, bytesMax) => measured(packed, packed.length, bytesMax, (plain) => plain) },
  { name: "gzip", unpack: (packed, bytesMax) => gunzipSync(packed, { maxOutputLength: bytesMax }) },
  { name: "snappy", unpack: unpackSnappy },
  {
    name: "lz4",
    unpack: (packed, bytesMax) => measured(packed, lz4PlainBytes(packed, bytesMax), bytesMax, lz4Decompress),
  },
  {
    name: "zstd",
    unpack: (packed, bytesMax) =>
      zstdDecompressSync(packed, {
        maxOutputLength: bytesMax,
        // One byte more, so that the end is seen in the first piece.
        chunkSize: pieceBytes(Math.min(zstdPlainBytes(packed) ?? 0, bytesMax) + 1),
        params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
      }),
  },
];

/**
 * Unpacks the records of a batch; `codec` is the attributes' number.
 * Throws SOURCE_CODEC for an unknown codec or more than `bytesMax` plain bytes, SOURCE_CORRUPT for anything broken.
 */
export function unpack(codec: number, packed: Buffer, bytesMax: number): Buffer {
  const row = CODECS[codec];
  if (row === undefined) {
    throw new MeshError(
      "SOURCE_CODEC",
      `A record batch names compression ${codec}, which Kafka does not define.`,
    );
  }
  try {
    const plain = row.unpack(packed, bytesMax);
    if (plain !== undefined) return plain;
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new MeshError(
        "SOURCE_CODEC",
        `A record batch unpacks to more than ${bytesMax} bytes (${row.name}), so it is not read.`,
        { context: { codec: row.name, bytesMax } },
      );
    }
  }
  throw new MeshError("SOURCE_CORRUPT", `The records of a batch are not sound ${row.name} data.`, {
    context: { codec: row.name },
  });
}

/** What the last records came to, packed: the next are like them. Memory that is reserved in vain is work for the garbage collector. */
let packedShare = 1 / 4;

/** zstd, level 1. */
export function packZstd(plain: Buffer): Buffer {
  const packed = zstdCompressSync(plain, {
    params: ZSTD_PACKED,
    chunkSize: pieceBytes(plain.length * packedShare * PACKED_MORE),
    pledgedSrcSize: plain.length,
  });
  if (plain.length > 0) packedShare = packed.length / plain.length;
  return packed;
}

/**
 * Unpacks with a codec that has no bound of its own: its size is known beforehand and must come true. Undefined when the
 * size can't be told (no whole frame) or does not come true.
 */
function measured(
  packed: Buffer,
  size: number | undefined,
  bytesMax: number,
  run: (packed: Buffer) => Buffer,
): Buffer | undefined {
  if (size === undefined) return undefined;
  if (size > bytesMax) throw new RangeError("over the bound");
  const plain = run(packed);
  return plain.length === size ? plain : undefined;
}

/** Raw snappy, or blocks of it behind the header of the xerial library, which Java clients write. */
function unpackSnappy(packed: Buffer, bytesMax: number): Buffer | undefined {
  const run = snappyDecompress;
  if (!packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return measured(packed, snappyPlainBytes(packed), bytesMax, run);
  }
  const parts: Buffer[] = [];
  let left = bytesMax;
  for (let at = XERIAL_HEADER_BYTES; at < packed.length; ) {
    const end = at + 4 <= packed.length ? at + 4 + packed.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (end > packed.length) return undefined;
    const block = packed.subarray(at + 4, end);
    const plain = measured(block, snappyPlainBytes(block), left, run);
    if (plain === undefined) return undefined;
    left -= plain.length;
    parts.push(plain);
    at = end;
  }
  return Buffer.concat(parts);
}

/** The preamble of a snappy block: its plain size as a little-endian base-128 number of at most 32 bits. */
function snappyPlainBytes(block: Buffer): number | undefined {
  let size = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block[at];
    if (byte === undefined) return undefined;
    size += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return size;
  }
  return undefined;
}
