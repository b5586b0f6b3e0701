import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOfInt, sizeOfLong, VarintReader, writeInt, writeLong } from "../../src/kafka/varint.ts";

describe("zigzag varints", () => {
  it("come back as they were written, in as many bytes as foretold: 32 bits", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const bytes = Buffer.alloc(5);
        const length = writeInt(bytes, 0, value);
        expect(length).toBe(sizeOfInt(value));
        expect(new VarintReader(bytes.subarray(0, length)).int()).toBe(value);
      }),
    );
  });

  it("come back as they were written, in as many bytes as foretold: 64 bits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(63), (wide, narrow) => {
        const value = wide >> BigInt(narrow);
        const bytes = Buffer.alloc(10);
        const length = writeLong(bytes, 0, value);
        expect(length).toBe(sizeOfLong(value));
        expect(new VarintReader(bytes.subarray(0, length)).long()).toBe(value);
      }),
    );
  });

  it("are as protocol buffers define them", () => {
    const bytes = Buffer.alloc(5);
    expect(
      [0, -1, 1, -64, 64].map((value) => bytes.subarray(0, writeInt(bytes, 0, value)).toString("hex")),
    ).toEqual(["00", "01", "02", "7f", "8001"]);
  });

  it("end in a RangeError at the end of the bytes, and when they never end", () => {
    expect(() => new VarintReader(Buffer.from([0x80])).int()).toThrow(RangeError);
    expect(() => new VarintReader(Buffer.alloc(11, 0xff)).int()).toThrow(RangeError);
    expect(() => new VarintReader(Buffer.alloc(11, 0xff)).long()).toThrow(RangeError);
  });
});
