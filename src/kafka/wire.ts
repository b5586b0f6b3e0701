/** Reads the flexible encoding of Kafka's protocol (KIP-482) from one contiguous answer. RangeError at its end. */
export class WireReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  int8(): number {
    return this.bytes.readInt8(this.#step(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#step(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#step(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.#step(8));
  }

  /** 32 hex digits. */
  uuid(): string {
    const at = this.#step(16);
    return this.bytes.toString("hex", at, at + 16);
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes.readUInt8(this.#step(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a varint of more than five bytes");
  }

  /** A compact nullable string. */
  text(): string | null {
    const bytes = this.data();
    return bytes === null ? null : bytes.toString("utf8");
  }

  /** Compact nullable bytes or records, as a view. */
  data(): Buffer | null {
    const length = this.unsigned() - 1;
    if (length < 0) return null;
    const at = this.#step(length);
    return this.bytes.subarray(at, at + length);
  }

  /** A compact array; null counts as empty. `element` reads its own tagged fields. */
  list<Element>(element: (reader: WireReader) => Element): Element[] {
    const elements: Element[] = [];
    for (let left = this.unsigned() - 1; left > 0; left -= 1) elements.push(element(this));
    return elements;
  }

  /** Tagged fields; those without a reader are passed over. */
  tags(known: Readonly<Record<number, (reader: WireReader) => void>> = {}): void {
    for (let left = this.unsigned(); left > 0; left -= 1) {
      const tag = this.unsigned();
      const end = this.unsigned() + this.at;
      known[tag]?.(this);
      this.at = end;
    }
  }

  #step(length: number): number {
    const at = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new RangeError("the answer ends early");
    return at;
  }
}
