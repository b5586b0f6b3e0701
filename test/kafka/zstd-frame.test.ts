import { constants, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CODEC, unpack } from "../../src/kafka/compression.ts";
import { zstdPlainBytes } from "../../src/kafka/zstd-frame.ts";

const packed = (bytes: number, params: Readonly<Record<number, number>> = {}): Buffer =>
  zstdCompressSync(Buffer.alloc(bytes, "ab"), { params, pledgedSrcSize: bytes });

describe("the size that a zstd frame says it has", () => {
  it.each([0, 1, 255, 256, 65_791, 65_792, 3_000_000])("is found: %i bytes", (bytes) => {
    expect(zstdPlainBytes(packed(bytes))).toBe(bytes);
  });

  it("is undefined where it does not say, or is no whole header", () => {
    expect(zstdPlainBytes(packed(1000, { [constants.ZSTD_c_contentSizeFlag]: 0 }))).toBeUndefined();
    const frame = packed(100_000);
    for (let end = 0; end < 6; end++) expect(zstdPlainBytes(frame.subarray(0, end))).toBeUndefined();
    expect(zstdPlainBytes(Buffer.alloc(20))).toBeUndefined();
  });

  it("is not believed: a frame that says less or more than it holds is none", () => {
    const frame = packed(100_000);
    for (const said of [7, 99_999, 100_001, 0xffff_ffff]) {
      const lie = Buffer.from(frame);
      expect(lie.readUInt32LE(5)).toBe(100_000);
      lie.writeUInt32LE(said, 5);
      expect(zstdPlainBytes(lie)).toBe(said);
      expect(() => unpack(CODEC.zstd, lie, 1_000_000)).toThrow(
        expect.objectContaining({ code: "SOURCE_CORRUPT" }),
      );
    }
  });
});
