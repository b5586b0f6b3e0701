import type { KeyObject } from "node:crypto";
import { type FrameHeader, type RecordsHeader, sealHead } from "../../src/bridge/frames/frame.ts";
import { splitFrames } from "../../src/bridge/frames/split-frames.ts";
import type { ByteSink } from "../../src/kernel/endpoint.ts";

/** Of the length that a frame begins with. */
const LENGTH_BYTES = 4;

/** Members of a header of so many records, but for its body: none of them is anybody's. */
export const recordsHeader = (count: number): Omit<RecordsHeader, "body"> => ({
  v: 1,
  kind: "records",
  agreement: "a",
  contract: "c",
  plan: `sha-256:${"0".repeat(64)}`,
  partition: 0,
  sequence: 0,
  count,
  previous: "genesis",
  cursor: "sealed",
});

/** A whole frame, as it is on the wire. */
export const sealFrame = (header: FrameHeader, body: Uint8Array, key: KeyObject): Buffer =>
  Buffer.concat([sealHead(header, body.length, key), body]);

/** Frames one by one, without their lengths. */
export async function* eachFrame(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const together of splitFrames(chunks)) yield* together;
}

/** What stands before a frame on the wire. */
export function lengthOf(frame: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(frame.length);
  return length;
}

/** The same sink for a writer that writes frames in pieces: each goes on as a whole. */
export function wholeFrames(out: ByteSink): ByteSink {
  let begun = Buffer.alloc(0);
  return {
    write: async (piece) => {
      begun = Buffer.concat([begun, piece]);
      if (begun.length < LENGTH_BYTES || begun.length < LENGTH_BYTES + begun.readUInt32BE(0)) return;
      const frame = begun;
      begun = Buffer.alloc(0);
      await out.write(frame);
    },
  };
}
