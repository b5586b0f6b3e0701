import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOfFrame, openFrame, type RecordsHeader } from "../../../src/bridge/frames/frame.ts";
import { splitFrames } from "../../../src/bridge/frames/split-frames.ts";
import { digestOfBytes } from "../../../src/kernel/digest.ts";
import { LIMITS } from "../../../src/kernel/limits.ts";
import { sealFrame } from "../../support/wire-frames.ts";

const ours = generateKeyPairSync("ed25519");
const theirs = generateKeyPairSync("ed25519");
const body = Buffer.from("a record batch");
const header: RecordsHeader = {
  v: 1,
  kind: "records",
  agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  contract: "sha-256:00",
  plan: `sha-256:${"0".repeat(64)}`,
  partition: 3,
  sequence: 42,
  count: 1,
  body: digestOfBytes(body),
  previous: "sha-256:02",
  cursor: "sealed",
};
const whole = sealFrame(header, body, ours.privateKey);
const opened = (bytes: Buffer) => openFrame(bytes, [ours.publicKey]);

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}
const all = async (frames: AsyncIterable<readonly Buffer[]>): Promise<Buffer[]> =>
  (await Array.fromAsync(frames)).flat();

describe("a frame", () => {
  test("opens to what was sealed", () => {
    const frame = opened(whole.subarray(4));
    expect(frame.header).toEqual(header);
    expect(frame.body).toEqual(body);
    const { cursor: _, ...core } = header;
    expect(frame.digest).toBe(digestOfFrame(core));
  });
  test("is refused with any one bit flipped", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: (whole.length - 4) * 8 - 1 }), (bit) => {
        const bytes = Buffer.from(whole.subarray(4));
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => opened(bytes)).toThrow(/A frame was refused/);
      }),
      { numRuns: 500 },
    );
  });
  test("is refused when another company signed it", () => {
    const foreign = sealFrame(header, body, theirs.privateKey);
    expect(() => opened(foreign.subarray(4))).toThrow(/not by a key of the publisher's card/);
  });
  test("is refused when cut short at any byte", () => {
    for (let length = 0; length < whole.length - 4; length += 1)
      expect(() => opened(whole.subarray(4, 4 + length))).toThrow(/A frame was refused/);
  });
  test.each([
    ["an unknown member", { ...header, more: 1 }],
    ["a missing member", (({ plan: _, ...rest }) => rest)(header)],
    ["another version", { ...header, v: 2 }],
    ["another kind", { ...header, kind: "constructor" }],
    ["a negative sequence", { ...header, sequence: -1 }],
    ["a fraction as count", { ...header, count: 1.5 }],
    ["a number as digest", { ...header, previous: 7 }],
    ["a plan that is no digest", { ...header, plan: "p" }],
    ["a kind that every object has", { v: 1, kind: "toString" }],
    ["a member that every object has", { v: 1, kind: "end", agreement: "a", code: "", constructor: "" }],
    ["a cursor of two words", { ...header, cursor: "sealed sealed" }],
    ["no cursor", { ...header, cursor: "" }],
    ["a cursor that no cluster would keep", { ...header, cursor: "A".repeat(4_096) }],
  ])("is refused with %s, although it is signed", (_, forged) => {
    const bytes = sealFrame(forged as RecordsHeader, body, ours.privateKey);
    expect(() => opened(bytes.subarray(4))).toThrow(/A frame was refused/);
  });
  test("that is idle carries no body", () => {
    const idle = { v: 1, kind: "idle", agreement: "a", behindMs: 0 } as const;
    expect(opened(sealFrame(idle, new Uint8Array(0), ours.privateKey).subarray(4)).header).toEqual(idle);
    expect(() => opened(sealFrame(idle, body, ours.privateKey).subarray(4))).toThrow(/body/);
  });
});

describe("a stream of frames", () => {
  test("is cut into the same frames however the bytes arrive", async () => {
    const stream = Buffer.concat([whole, whole, whole]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 20 }), async (sizes) => {
        const frames = await all(splitFrames(chunksOf(stream, sizes)));
        expect(frames).toEqual([whole.subarray(4), whole.subarray(4), whole.subarray(4)]);
      }),
      { numRuns: 100 },
    );
  });
  test("has memory of its own for a frame that comes in several chunks, and for no other", async () => {
    const stream = Buffer.concat([whole, whole]);
    const [first, second] = (await all(splitFrames(chunksOf(stream, [whole.length + 10])))) as [
      Buffer,
      Buffer,
    ];
    expect(first.buffer.byteLength).toBe(stream.buffer.byteLength);
    expect(second.buffer.byteLength).toBe(second.length);
    expect([first, second]).toEqual([whole.subarray(4), whole.subarray(4)]);
  });
  test("that ends inside a frame or its length is refused", async () => {
    for (const end of [-1, 6, 3, 1])
      await expect(all(splitFrames(chunksOf(whole.subarray(0, end), [])))).rejects.toThrow(/ended inside/);
  });
  test("is refused as soon as a length is larger than any frame", async () => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(LIMITS.frameBodyBytesMax + LIMITS.frameHeaderBytesMax + 100, 0);
    await expect(all(splitFrames(chunksOf(bytes, [])))).rejects.toThrow(/longer than any frame/);
  });
});
