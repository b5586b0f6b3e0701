import { Buffer } from "node:buffer";

/** The tables do not fit into the room that the kernel has for them. */
export class ImageTooLarge extends RangeError {}

/** Bytes that will lie at a fixed address of the kernel's memory, filled from the front. All that is not written is 0. */
export class Image {
  readonly #bytes: Buffer;
  readonly #address: number;
  #used = 0;

  constructor(address: number, bytesMax: number) {
    this.#address = address;
    this.#bytes = Buffer.alloc(bytesMax);
  }

  /** A copy of what was filled. */
  get bytes(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.#used));
  }

  /** The address of so many bytes more, on a boundary of 8. */
  reserve(length: number): number {
    const at = this.#used;
    this.#used += (length + 7) & ~7;
    if (this.#used > this.#bytes.length) throw new ImageTooLarge("The tables of a plan do not fit.");
    return this.#address + at;
  }

  /** The address of these bytes. */
  add(bytes: Uint8Array): number {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at - this.#address);
    return at;
  }

  /** 32 bits at an address. */
  set(at: number, value: number): void {
    this.#bytes.writeInt32LE(value | 0, at - this.#address);
  }

  /** The 32 bits at an address. */
  get(at: number): number {
    return this.#bytes.readInt32LE(at - this.#address);
  }

  /** Sets bits at an address, besides those that are set. */
  mark(at: number, bits: number): void {
    this.set(at, this.get(at) | bits);
  }

  /** A floating-point number of 64 bits at an address. */
  setFloat(at: number, value: number): void {
    this.#bytes.writeDoubleLE(value, at - this.#address);
  }

  /** 64 bits at an address. */
  setLong(at: number, value: bigint): void {
    this.#bytes.writeBigInt64LE(value, at - this.#address);
  }
}
