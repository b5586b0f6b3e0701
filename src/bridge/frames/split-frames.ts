import { LIMITS } from "../../kernel/limits.ts";
import { refused, SIGNATURE_BYTES } from "./frame.ts";

const LENGTH_BYTES = 4;
const LONGEST = 2 + LIMITS.frameHeaderBytesMax + SIGNATURE_BYTES + LIMITS.frameBodyBytesMax;

/**
 * Cuts a stream of bytes into frames' bytes, without their lengths: those that are whole with a chunk come together. One that does not
 * come in one chunk gets memory of its own, exactly as much as it needs; the others are views into their chunk. Memory is bounded by one frame,
 * whose length is checked before it is awaited, and a chunk.
 * A stream that ends inside a frame ends the iteration with LINK_FRAME_REFUSED.
 */
export async function* splitFrames(chunks: AsyncIterable<Uint8Array>): AsyncIterable<readonly Buffer[]> {
  const cutter = new Cutter();
  for await (const { buffer, byteOffset, byteLength } of chunks) {
    const whole = [...cutter.cut(Buffer.from(buffer, byteOffset, byteLength))];
    if (whole.length > 0) yield whole;
  }
  if (cutter.isInside) throw refused("the stream ended inside it");
}

class Cutter {
  /** The frame that is coming, and how much of it is there. */
  #coming: { readonly bytes: Buffer; filled: number } | undefined;
  /** Less than a length. */
  #rest: Buffer = Buffer.alloc(0);

  get isInside(): boolean {
    return this.#coming !== undefined || this.#rest.length > 0;
  }

  *cut(chunk: Buffer): Generator<Buffer> {
    let left = chunk;
    if (this.#coming !== undefined) {
      const { bytes, filled } = this.#coming;
      this.#coming.filled += left.copy(bytes, filled);
      if (this.#coming.filled < bytes.length) return;
      this.#coming = undefined;
      yield bytes;
      left = left.subarray(bytes.length - filled);
    }
    if (this.#rest.length > 0) left = Buffer.concat([this.#rest, left]);
    while (left.length >= LENGTH_BYTES) {
      const length = left.readUInt32BE(0);
      if (length > LONGEST) throw refused("it is longer than any frame may be");
      const begun = left.subarray(LENGTH_BYTES);
      if (begun.length >= length) yield begun.subarray(0, length);
      else this.#begin(length, begun);
      left = begun.subarray(length);
    }
    this.#rest = left;
  }

  #begin(length: number, begun: Buffer): void {
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#coming = { bytes, filled: begun.copy(bytes) };
  }
}
