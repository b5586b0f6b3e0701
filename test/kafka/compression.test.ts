import { gzipSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODEC, packZstd, unpack } from "../../src/kafka/compression.ts";
import { lz4PlainBytes } from "../../src/kafka/lz4-frame.ts";

const plain = fc
  .array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.alloc(300, "ab"))), { maxLength: 40 })
  .map((parts) => Buffer.concat(parts));

describe("unpack", () => {
  it.each([
    ["gzip", CODEC.gzip, gzipSync],
    ["snappy", CODEC.snappy, compressionsAlgorithms.snappy.compressSync],
    ["lz4", CODEC.lz4, compressionsAlgorithms.lz4.compressSync],
    ["zstd", CODEC.zstd, packZstd],
  ] as const)("gives back what %s packed, at exactly the bound and not above", (_name, codec, pack) => {
    fc.assert(
      fc.property(plain, (bytes) => {
        const packed = pack(bytes);
        expect(unpack(codec, packed, Math.max(bytes.length, 1)).equals(bytes)).toBe(true);
        if (bytes.length > 1) expect(() => unpack(codec, packed, bytes.length - 1)).toThrow(/more than/u);
      }),
      { numRuns: 60 },
    );
  });

  it("reads snappy blocks behind a xerial header, as Java writes them", () => {
    const header = Buffer.from("82534e41505059000000000100000001", "hex");
    const blocks = ["first ", "second"].map((text) => {
      const block = compressionsAlgorithms.snappy.compressSync(Buffer.from(text));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.length);
      return Buffer.concat([length, block]);
    });
    const packed = Buffer.concat([header, ...blocks]);
    expect(unpack(CODEC.snappy, packed, 12).toString()).toBe("first second");
    expect(() => unpack(CODEC.snappy, packed, 11)).toThrow(expect.objectContaining({ code: "SOURCE_CODEC" }));
    expect(() => unpack(CODEC.snappy, packed.subarray(0, -1), 99)).toThrow(
      expect.objectContaining({ code: "SOURCE_CORRUPT" }),
    );
    expect(() => unpack(CODEC.snappy, packed.subarray(0, 18), 99)).toThrow(
      expect.objectContaining({ code: "SOURCE_CORRUPT" }),
    );
  });

  it("refuses a snappy block that announces gigabytes before it unpacks anything", () => {
    const packed = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
    expect(() => unpack(CODEC.snappy, packed, 1_000_000)).toThrow(
      expect.objectContaining({ code: "SOURCE_CODEC" }),
    );
  });
});

describe("the size of an LZ4 frame", () => {
  it("is found without unpacking", () => {
    fc.assert(
      fc.property(plain, (bytes) => {
        expect(lz4PlainBytes(compressionsAlgorithms.lz4.compressSync(bytes), 1_000_000)).toBe(bytes.length);
      }),
    );
  });

  it("is undefined for a frame that is cut off anywhere", () => {
    const frame = compressionsAlgorithms.lz4.compressSync(Buffer.from("abcabcabcabcabcabcabc".repeat(9)));
    for (let end = 0; end < frame.length; end += 1) {
      expect(lz4PlainBytes(frame.subarray(0, end), 1_000_000)).toBeUndefined();
    }
  });

  it("stops at the bound, however much a frame would swell", () => {
    const frame = compressionsAlgorithms.lz4.compressSync(Buffer.alloc(1_000_000));
    expect(lz4PlainBytes(frame, 1_000)).toBeGreaterThan(1_000);
  });
});
