import fc from "fast-check";
import { anyHeader, anyValue } from "./kernel-admit-cases.ts";
import { header, NOW } from "./sample-route.ts";
import type { SourceRecord, SourceShape } from "./source-batches.ts";

const anyCodec = fc.constantFrom("none", "lz4", "lz4", "lz4", "zstd", "gzip", "snappy");

const anySourceRecord: fc.Arbitrary<Omit<SourceRecord, "offset">> = fc.record({
  value: fc
    .oneof({ weight: 6, arbitrary: anyValue }, { weight: 1, arbitrary: fc.constant(null) })
    .map(bytesOf),
  key: fc.constantFrom(
    null,
    null,
    Buffer.from(""),
    Buffer.from("k1"),
    Buffer.from([0xff]),
    Buffer.alloc(300, "k"),
  ),
  headers: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    fc.array(fc.oneof({ weight: 3, arbitrary: anyHeader }, anyOddHeader()), { maxLength: 6 }),
  ),
  time: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -4000, max: 10 }).map(BigInt) },
    fc.constantFrom(
      -BigInt(NOW) - 1n,
      2n ** 40n,
      -(2n ** 62n),
      2n ** 62n,
      2n ** 63n - 1n,
      253_402_300_799_999n - BigInt(NOW),
    ),
  ),
});

function bytesOf(value: string | null): Uint8Array | null {
  return value === null ? null : Buffer.from(value);
}

function anyOddHeader() {
  return fc.constantFrom(
    header("CE_MeshOrigin", "urn:x-demo:other"),
    header("ce_mesh", "x"),
    header("ce_meshplace", "forged"),
    header("X", "another case"),
    header("x", ""),
    header("", "no name"),
    header("käse", "no ASCII"),
    header("x", "käse"),
    header("ce_id", ""),
    header("ce_time", "2026-11-22T10:11:12.345+01:00"),
    header("ce_time", "never"),
    header("ce_extension", "1"),
    ["ce_extension", null] as const,
    header("content-type", "application/json; charset=utf-8"),
  );
}

/** Headers of an event in binary mode. */
export const EVENT = [
  header("ce_id", "e1"),
  header("ce_specversion", "1.0"),
  header("ce_source", "/s"),
  header("ce_type", "t"),
];

/** Records whose offsets grow, with gaps where compaction was. */
export const anyShape: fc.Arbitrary<SourceShape> = fc
  .record({
    records: fc.array(fc.tuple(anySourceRecord, fc.nat({ max: 3 }), fc.boolean()), {
      minLength: 1,
      maxLength: 12,
    }),
    codec: anyCodec,
    baseOffset: fc.constantFrom(0n, 41n, 2n ** 40n, 2n ** 48n - 2n ** 32n + 1n),
    baseTimestamp: fc.constantFrom(BigInt(NOW), BigInt(NOW), 0n, -1n, 2n ** 62n),
    appended: fc.constantFrom(undefined, undefined, BigInt(NOW) - 2000n, -1n),
  })
  .map(({ records, ...rest }) => {
    let offset = -1;
    const placed = records.map(([record, gap, isEvent]) => {
      offset += 1 + (gap === 3 ? 7 : 0);
      return { ...record, offset, headers: isEvent ? [...EVENT, ...record.headers] : record.headers };
    });
    return { ...rest, records: placed };
  });

/** Batches, the offset from which they are read, and the one before which that ends. */
export const anyRun = fc.tuple(
  fc.array(anyShape, { maxLength: 3 }),
  fc.constantFrom(0n, 0n, 3n, 44n, 2n ** 50n),
  fc.constantFrom(2n ** 62n, 2n ** 62n, 2n ** 62n, 2n, 43n, 2n ** 40n + 3n),
);

/** A record at offset and time 0 of its batch. */
export const plain = (value: string, changed: Partial<SourceRecord> = {}): SourceRecord => ({
  offset: 0,
  time: 0n,
  key: null,
  headers: [],
  value: Buffer.from(value),
  ...changed,
});

/** Records one behind the other. */
export const shapeOf = (
  records: readonly SourceRecord[],
  changed: Partial<SourceShape> = {},
): SourceShape => ({
  records: records.map((record, offset) => ({ ...record, offset })),
  codec: "lz4",
  baseOffset: 100n,
  baseTimestamp: BigInt(NOW),
  appended: undefined,
  ...changed,
});
