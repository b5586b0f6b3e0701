import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODEC, unpack } from "../../../src/kafka/compression.ts";
import { INPUT_BYTES } from "../../../src/policy/kernel/layout.ts";
import type { KernelWalk } from "../../../src/policy/kernel/walk.ts";
import { keys } from "../sample.ts";
import { kernel, planOf, rule } from "./differential.ts";
import { anyWound } from "./documents.ts";
import { blocksIn, frameOf, type Lz4Flags, xxh32 } from "./lz4-frames.ts";

const template = { headers: [["place", "place"]] as const, allowed: [], event: undefined };
const loaded = kernel.load(planOf(rule("", { action: { action: "share" } })), keys, template);
const same = (blocks: Uint8Array): Uint8Array => blocks;
const walk = (): KernelWalk =>
  loaded.walk({ partition: 0, sequence: 0, now: 0, from: 0n, until: 1n, names: { ids: same, places: same } });

/** What the kernel unpacks. Undefined: it leaves that to the host. */
function byKernel(frame: Uint8Array): Buffer | undefined {
  const it = walk();
  return it.unpackLz4(frame) ? Buffer.from(it.plain.bytes) : undefined;
}

function byHost(frame: Buffer): Buffer | undefined {
  try {
    return unpack(CODEC.lz4, frame, 100_000_000);
  } catch {
    return undefined;
  }
}

/** The library takes nothing for empty bytes once its memory has grown. */
const pack = (plain: Buffer): Buffer =>
  plain.length === 0 ? frameOf([], plain, {}) : Buffer.from(compressionsAlgorithms.lz4.compressSync(plain));

/** Pieces that repeat at all distances, and noise that does not. */
const anyPlain = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30 })).map(([size, times]) => {
        const piece = Buffer.from(Array.from({ length: size }, (_, at) => (at * 37 + size) & 0xff));
        return Buffer.concat(Array.from({ length: times }, () => piece));
      }),
      fc.constantFrom(1, 20, 300, 5000).map((size) => Buffer.alloc(size, "ab")),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

const anyFlags: fc.Arbitrary<Lz4Flags> = fc.record({
  isIndependent: fc.boolean(),
  blockChecksums: fc.boolean(),
  contentSize: fc.boolean(),
  contentChecksum: fc.boolean(),
});

describe("an LZ4 frame in the kernel", () => {
  it("is unpacked to what was packed", () => {
    fc.assert(
      fc.property(anyPlain, (plain) => {
        expect(byKernel(pack(plain))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
    const large = Buffer.concat(
      Array.from({ length: 60 }, (_, n) => Buffer.alloc(50_000, `${n} something ${n * n}`)),
    );
    expect(byKernel(pack(large))?.equals(large)).toBe(true);
  });

  it("is unpacked with whatever it says of itself", () => {
    fc.assert(
      fc.property(anyPlain, anyFlags, (plain, flags) => {
        const frame = frameOf(blocksIn(pack(plain)), plain, flags);
        expect(byKernel(frame)).toEqual(plain);
        expect(byHost(frame)).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it("is left to the host when it is wounded, or unpacked to the same", () => {
    let taken = 0;
    const anyFlip = fc
      .tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([at, by]) => (bytes: Buffer) => {
        const copy = Buffer.from(bytes);
        copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
        return copy;
      });
    fc.assert(
      fc.property(
        anyPlain,
        fc.oneof({ weight: 4, arbitrary: fc.constant<Lz4Flags>({}) }, anyFlags),
        fc.array(fc.oneof(anyWound, anyFlip), { minLength: 1, maxLength: 3 }),
        (plain, flags, wounds) => {
          const frame = frameOf(blocksIn(pack(plain)), plain, flags);
          const wounded = wounds.reduce<Buffer>(
            (bytes, wound) => (bytes.length === 0 ? bytes : wound(bytes)),
            frame,
          );
          const unpacked = byKernel(wounded);
          if (unpacked === undefined) return;
          taken++;
          expect(byHost(wounded)).toEqual(unpacked);
        },
      ),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it("is left to the host where it is cut off, or goes on", () => {
    const frame = frameOf(blocksIn(pack(Buffer.from("abcabcabcabcabcabcabc".repeat(9)))), undefined, {});
    for (let end = 0; end < frame.length; end++) expect(byKernel(frame.subarray(0, end))).toBeUndefined();
    expect(byKernel(Buffer.concat([frame, Buffer.alloc(1)]))).toBeUndefined();
    expect(byKernel(Buffer.concat([frame, frame]))).toBeUndefined();
  });

  const plain = Buffer.from("twenty bytes, exactly.............................");
  /** A block: literals, then a match of so many bytes so far back, then literals. */
  const sequence = (literals: Buffer, distance: number, length: number, last: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from([(literals.length << 4) | (length - 4)]),
      literals,
      Buffer.from([distance & 0xff, distance >> 8, last.length << 4]),
      last,
    ]);
  const literals = Buffer.from("01234567");
  const last = Buffer.from("last-five");
  const stored = { bytes: plain, isStored: true };
  const frame = (blocks: Parameters<typeof frameOf>[0], isIndependent: boolean) =>
    frameOf(blocks, undefined, { isIndependent });

  it.each([
    [
      "a match into the block before, where blocks hang together",
      [stored, { bytes: sequence(literals, 30, 8, last), isStored: false }],
      false,
      true,
    ],
    [
      "a match into the block before, where they do not",
      [stored, { bytes: sequence(literals, 30, 8, last), isStored: false }],
      true,
      false,
    ],
    [
      "a match from before the beginning",
      [{ bytes: sequence(literals, 9, 8, last), isStored: false }],
      true,
      false,
    ],
    ["a match of distance 0", [{ bytes: sequence(literals, 0, 8, last), isStored: false }], true, false],
    [
      "a last match that is too near to the end",
      [{ bytes: sequence(literals, 4, 6, last.subarray(0, 5)), isStored: false }],
      true,
      false,
    ],
    [
      "too few literals at the end",
      [{ bytes: sequence(literals, 4, 12, last.subarray(0, 4)), isStored: false }],
      true,
      false,
    ],
    [
      "a match at the end",
      [{ bytes: sequence(literals, 4, 8, Buffer.alloc(0)).subarray(0, -1), isStored: false }],
      true,
      false,
    ],
    [
      "a stored block larger than its frame's blocks",
      [{ bytes: Buffer.alloc(65_537), isStored: true }],
      true,
      false,
    ],
    [
      "more than there is room for",
      Array.from({ length: 12 }, () => ({
        bytes: Buffer.concat([
          Buffer.from([0x1f]),
          Buffer.from("a\x01\x00", "latin1"),
          Buffer.alloc(256, 255),
          Buffer.from([0, 0x50]),
          last.subarray(0, 5),
        ]),
        isStored: false,
      })),
      true,
      true,
    ],
  ] as const)("with %s", (_, blocks, isIndependent, isTaken) => {
    const bytes = frame(blocks, isIndependent);
    const unpacked = byKernel(bytes);
    expect(unpacked !== undefined).toBe(isTaken);
    if (unpacked !== undefined) expect(byHost(bytes)).toEqual(unpacked);
  });

  it.each([
    ["another version", [0xc0, 0]],
    ["a reserved bit", [0x02, 0]],
    ["a dictionary", [0x01, 0]],
    ["a reserved bit beside the size of blocks", [0, 0x01]],
    ["the other reserved bit there", [0, 0x80]],
    ["blocks of a size that is none", [0, 0x50]],
  ] as const)("is left to the host with %s", (_, odd) => {
    const bytes = Buffer.from("some bytes");
    const blocks = [{ bytes, isStored: true }];
    expect(byKernel(frameOf(blocks, bytes, {}))).toEqual(bytes);
    expect(byKernel(frameOf(blocks, bytes, { odd }))).toBeUndefined();
  });

  it("writes nothing beyond its room", () => {
    const token = (high: number, low: number) => Buffer.from([(high << 4) | low]);
    /** One byte, so often. */
    const swollen = (size: number): Buffer => {
      const more = size - 1 - 4 - 15 - 5;
      const lengths = Buffer.concat([Buffer.alloc(Math.floor(more / 255), 255), Buffer.from([more % 255])]);
      return Buffer.concat([
        token(1, 15),
        Buffer.from("a\x01\x00", "latin1"),
        lengths,
        token(5, 0),
        Buffer.from("aaaaa"),
      ]);
    };
    const full = [4 * 1024 * 1024, INPUT_BYTES - 4 * 1024 * 1024 - 5000].map((size) => ({
      bytes: swollen(size),
      isStored: false,
    }));
    expect(byKernel(frameOf(full, Buffer.alloc(100_000), {}))?.length).toBe(INPUT_BYTES - 5000);
    const canary = Buffer.from("a record that waits");
    for (const last of [
      { bytes: swollen(600_000), isStored: false },
      { bytes: Buffer.alloc(700_000, "b"), isStored: true },
      {
        bytes: Buffer.concat([
          token(15, 0),
          Buffer.alloc(2745, 255),
          Buffer.from([0]),
          Buffer.alloc(700_000, "c"),
        ]),
        isStored: false,
      },
    ]) {
      const it = walk();
      expect(it.put(canary, 0n)).toBe(true);
      // So large that its blocks may be of 4 MiB.
      expect(it.unpackLz4(frameOf([...full, last], Buffer.alloc(100_000), {}))).toBe(false);
      expect(Buffer.from(it.takeRecords())).toEqual(canary);
    }
  });

  it("is no larger than its room, packed or unpacked", () => {
    expect(byKernel(pack(Buffer.alloc(INPUT_BYTES)))?.length).toBe(INPUT_BYTES);
    expect(byKernel(pack(Buffer.alloc(INPUT_BYTES + 1)))).toBeUndefined();
    expect(byKernel(Buffer.alloc(3_000_000))).toBeUndefined();
  });
});

describe("the checksum", () => {
  it("is xxHash of 32 bits", () => {
    expect(xxh32(Buffer.from(""))).toBe(0x02cc5d05);
    expect(xxh32(Buffer.from("abc"))).toBe(0x32d153ff);
    expect(xxh32(Buffer.from("Nobody inspects the spammish repetition"))).toBe(0xe2293b2f);
  });
});
