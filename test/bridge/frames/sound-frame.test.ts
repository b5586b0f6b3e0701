import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RecordsHeader } from "../../../src/bridge/frames/frame.ts";
import { type SoundFrame, soundFrame, soundFrames } from "../../../src/bridge/frames/sound-frame.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";
import { digestOfBytes } from "../../../src/kernel/digest.ts";
import { recordsHeader, sealFrame } from "../../support/wire-frames.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const keys = [publicKey];
const record = (value: string | null) => ({
  timestamp: 0n,
  key: Buffer.from("k"),
  value: value === null ? null : Buffer.from(value),
  headers: [],
});
function sealed(
  count: number,
  values: readonly (string | null)[],
  changes: Partial<RecordsHeader> = {},
): Buffer {
  const body = values.length === 0 ? new Uint8Array(0) : recordCodec.encode(values.map(record));
  const header = { ...recordsHeader(count), body: digestOfBytes(body), ...changes };
  return sealFrame(header, body, privateKey).subarray(4);
}
const open = (bytes: Buffer): SoundFrame => soundFrame(bytes, keys, recordCodec);

describe("a sound frame", () => {
  test("tells how many of its records erase", () => {
    expect(open(sealed(5, ["1", null, "null", null, ""])).tombstones).toBe(2);
    expect(open(sealed(1, ["1"])).tombstones).toBe(0);
    expect(open(sealed(0, [])).tombstones).toBe(0);
  });

  test.each([
    ["a body where it says that there are no records", sealed(0, ["1"]), /a body but no records/],
    ["another number of records than it says", sealed(2, ["1"]), /not sound/],
    ["no body where it says that there are records", sealed(1, []), /not sound/],
  ])("does not have %s", (_, bytes, why) => {
    expect(() => open(bytes)).toThrow(why);
    expect(() => open(bytes)).toThrow(expect.objectContaining({ code: "LINK_FRAME_REFUSED" }));
  });
});

describe("frames in a stream", () => {
  const small = sealed(1, ["1"]);
  // Not to be packed: the batch stays large.
  const noise = Array.from({ length: 2_000 }, (_, at) => digestOfBytes(Buffer.from(`${at}`)));
  const large = sealed(noise.length, noise, { sequence: 1 });
  async function* stream(): AsyncIterable<readonly Buffer[]> {
    yield [large, small];
    yield [large];
  }

  test("keep their order, the large ones are opened elsewhere", async () => {
    const elsewhere: number[] = [];
    const openLater = async (bytes: Buffer): Promise<SoundFrame> => {
      elsewhere.push(bytes.length);
      await new Promise((resolve) => setImmediate(resolve));
      return open(bytes);
    };
    const frames = await Array.fromAsync(soundFrames(stream(), keys, { codec: recordCodec, openLater }));
    const bare = frames.map((together) => together.map(({ release: _, ...frame }) => frame));
    expect(bare).toEqual([[open(large), open(small)], [open(large)]]);
    expect(elsewhere).toEqual([large.length, large.length]);
  });

  test("give back memory that is theirs alone, and no other", async () => {
    const [first, second] = [Buffer.allocUnsafeSlow(large.length), Buffer.concat([large, large])];
    large.copy(first);
    async function* stream(): AsyncIterable<readonly Buffer[]> {
      yield [first, second.subarray(0, large.length)];
    }
    const [frames = []] = await Array.fromAsync(soundFrames(stream(), keys, { codec: recordCodec }));
    for (const { release } of frames) release?.();
    expect(frames.map(({ body }) => body.length > 0)).toEqual([false, true]);
  });

  test("end with the one that is refused, and not before", async () => {
    const seen: (readonly SoundFrame[])[] = [];
    const openLater = async (): Promise<SoundFrame> => await Promise.reject(new Error("refused"));
    async function* stream(): AsyncIterable<readonly Buffer[]> {
      yield [small];
      yield [small, large];
    }
    const reading = (async () => {
      for await (const frame of soundFrames(stream(), keys, { codec: recordCodec, openLater }))
        seen.push(frame);
    })();
    await expect(reading).rejects.toThrow("refused");
    expect(seen).toHaveLength(1);
  });
});
