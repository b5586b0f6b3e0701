import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireReader } from "../../src/kafka/wire.ts";
import { WireWriter } from "../../src/kafka/wire-writer.ts";

const bytesOf = (writer: WireWriter): Buffer => Buffer.concat(writer.pieces());

/** How each kind of value is written and read again. */
const FIELDS = {
  int8: { values: fc.integer({ min: -128, max: 127 }) },
  int16: { values: fc.integer({ min: -0x8000, max: 0x7fff }) },
  int32: { values: fc.integer() },
  int64: { values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  unsigned: { values: fc.integer({ min: 0, max: 0xffff_ffff }) },
  text: { values: fc.option(fc.string({ unit: "grapheme", maxLength: 400 }), { nil: null }) },
  uuid: {
    values: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString("hex")),
  },
} as const;

type Field = { [Kind in keyof typeof FIELDS]: { kind: Kind; value: never } }[keyof typeof FIELDS];

const field: fc.Arbitrary<Field> = fc.oneof(
  ...Object.entries(FIELDS).map(([kind, { values }]) =>
    (values as fc.Arbitrary<unknown>).map((value) => ({ kind, value }) as Field),
  ),
);

describe("what is written for Kafka", () => {
  it("is read again as it was, whatever comes before it", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 60 }), (fields) => {
        const writer = new WireWriter();
        for (const { kind, value } of fields) writer[kind](value);
        const reader = new WireReader(bytesOf(writer));
        for (const { kind, value } of fields) expect(reader[kind]()).toEqual(value);
        expect(reader.at).toBe(reader.bytes.length);
      }),
    );
  });

  it("has lists, and data in parts that are not copied", () => {
    const part = Buffer.from("a part");
    const writer = new WireWriter()
      .list([1, 2, 3], (w, value) => w.int32(value).tags())
      .data(part, Buffer.alloc(0), Buffer.from(" and one more"))
      .tags();
    expect(writer.pieces()).toContain(part);
    const reader = new WireReader(bytesOf(writer));
    const numbers = reader.list((r) => {
      const value = r.int32();
      r.tags();
      return value;
    });
    expect(numbers).toEqual([1, 2, 3]);
    expect(reader.data()?.toString()).toBe("a part and one more");
    reader.tags();
    expect(reader.at).toBe(reader.bytes.length);
  });

  it("has no piece twice when it is asked for its pieces again", () => {
    const writer = new WireWriter().int32(1);
    expect(bytesOf(writer)).toEqual(bytesOf(writer));
  });
});
