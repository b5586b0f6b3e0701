const FIRST_BYTES = 256;

/**
 * Writes the flexible encoding of Kafka's protocol (KIP-482). Bytes given by `piece` are not copied: what comes out is a
 * list of buffers, to be written one behind the other.
 */
export class WireWriter {
  #open = Buffer.allocUnsafe(FIRST_BYTES);
  /** Where the bytes of `#open` begin that are not yet in `#closed`, and where the next one goes. */
  #begin = 0;
  #at = 0;
  readonly #closed: Buffer[] = [];

  int8(value: number): this {
    const at = this.#room(1);
    this.#open.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.#open.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.#open.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#room(8);
    this.#open.writeBigInt64BE(value, at);
    return this;
  }

  /** 32 hex digits. */
  uuid(hex: string): this {
    const at = this.#room(16);
    this.#open.write(hex, at, "hex");
    return this;
  }

  unsigned(value: number): this {
    let left = value;
    for (; left >= 0x80; left >>>= 7) this.int8(((left & 0x7f) | 0x80) - 0x100);
    return this.int8(left);
  }

  /** A compact nullable string. */
  text(value: string | null): this {
    if (value === null) return this.unsigned(0);
    const length = Buffer.byteLength(value);
    this.unsigned(length + 1);
    const at = this.#room(length);
    this.#open.write(value, at, "utf8");
    return this;
  }

  /** A string of the encoding before KIP-482. */
  oldText(value: string): this {
    const length = Buffer.byteLength(value);
    this.int16(length);
    const at = this.#room(length);
    this.#open.write(value, at, "utf8");
    return this;
  }

  /** Compact bytes or records, in parts that are taken as they are. */
  data(...parts: readonly Buffer[]): this {
    this.unsigned(parts.reduce((sum, part) => sum + part.length, 0) + 1);
    this.#close();
    this.#closed.push(...parts);
    return this;
  }

  /** A compact array; `element` writes its own tagged fields. */
  list<Element>(elements: readonly Element[], element: (writer: this, value: Element) => void): this {
    this.unsigned(elements.length + 1);
    for (const value of elements) element(this, value);
    return this;
  }

  /** No tagged fields. */
  tags(): this {
    return this.int8(0);
  }

  /** Everything written, in order. */
  pieces(): readonly Buffer[] {
    this.#close();
    return this.#closed;
  }

  /** Where so many bytes go in `#open`, which may be another one afterwards. */
  #room(bytes: number): number {
    if (this.#at + bytes > this.#open.length) {
      this.#close();
      this.#open = Buffer.allocUnsafe(Math.max(this.#open.length * 2, bytes));
      this.#begin = 0;
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  #close(): void {
    if (this.#at > this.#begin) this.#closed.push(this.#open.subarray(this.#begin, this.#at));
    this.#begin = this.#at;
  }
}
