import { Reader, readRecordsBatches } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BATCH, BATCH_HEADER_BYTES } from "../../src/kafka/record-batch.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { foreignBatch, sealed, TIMESTAMP } from "./foreign-batch.ts";

const PLAIN_BYTES_MAX = 1_000_000;

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const record: fc.Arbitrary<OutboundRecord> = fc.record({
  timestamp: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 45n }),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 12 }), bytes), { maxLength: 4 }),
});

const text = (value: string): Buffer => Buffer.from(value);
const one = (value: string): OutboundRecord => ({
  timestamp: TIMESTAMP,
  key: null,
  value: text(value),
  headers: [],
});
const plainly = (records: readonly OutboundRecord[]) =>
  records.map(({ timestamp, key, value, headers }) => ({
    timestamp,
    key: key && [...key],
    value: value && [...value],
    headers: headers.map(([name, content]) => [name, content && [...content]]),
  }));

describe("encode and decode", () => {
  it("give back every record: null, empty and binary keys, values and headers, names twice and in order", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const decoded = recordCodec.decode(recordCodec.encode(records), 0n, PLAIN_BYTES_MAX);
        expect(plainly(decoded)).toEqual(plainly(records));
        expect(decoded.map(({ offset }) => offset)).toEqual(records.map((_, index) => BigInt(index)));
      }),
    );
  });

  it("keep timestamps that lie further apart than 32 bits", () => {
    const times = [0n, 2n ** 62n, -(2n ** 62n), 1n];
    const batch = recordCodec.encode(times.map((timestamp) => ({ ...one("v"), timestamp })));
    expect(recordCodec.decode(batch, 0n, PLAIN_BYTES_MAX).map(({ timestamp }) => timestamp)).toEqual(times);
  });

  it("agree with another library's decoder", () => {
    const headers: OutboundRecord["headers"] = [
      ["a", text("1")],
      ["constructor", null],
      ["a", text("2")],
    ];
    const batch = Buffer.from(
      recordCodec.encode([{ timestamp: TIMESTAMP, key: text("k"), value: text("v"), headers }]),
    );
    const [read] = readRecordsBatches(Reader.from(batch));
    expect(read?.records[0]?.key).toEqual(text("k"));
    expect(read?.records[0]?.value).toEqual(text("v"));
    expect(read?.records[0]?.headers.map(([name, value]) => [name?.toString(), value?.toString()])).toEqual([
      ["a", "1"],
      ["constructor", undefined],
      ["a", "2"],
    ]);
  });

  it("leave nothing of old memory in a batch: the same records give the same bytes", () => {
    const records = [one("a"), one("b")];
    const first = Buffer.from(recordCodec.encode(records));
    for (let n = 0; n < 50; n += 1) Buffer.allocUnsafe(500).fill(n);
    expect(Buffer.compare(first, recordCodec.encode(records))).toBe(0);
  });
});

describe("decode", () => {
  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "reads what another library packed with %s",
    (compression) => {
      const values = Array.from({ length: 200 }, (_, n) => `value ${n} ${"repeated ".repeat(n % 9)}`);
      const batch = foreignBatch(
        values.map((value) => ({ key: "k", value })),
        { compression, baseOffset: 40n },
      );
      const records = recordCodec.decode(batch, 0n, PLAIN_BYTES_MAX);
      expect(records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(values);
      expect(records[1]?.offset).toBe(41n);
      expect(records[1]?.timestamp).toBe(TIMESTAMP + 1n);
    },
  );

  it("leaves out records below the position", () => {
    const batch = foreignBatch([{ value: "a" }, { value: "b" }, { value: "c" }], { baseOffset: 10n });
    expect(recordCodec.decode(batch, 11n, PLAIN_BYTES_MAX).map(({ offset }) => offset)).toEqual([11n, 12n]);
  });

  it("takes the time of appending for all records where the topic keeps that", () => {
    const batch = foreignBatch([{ value: "a" }, { value: "b" }], { logAppendTime: 5n });
    expect(recordCodec.decode(batch, 0n, PLAIN_BYTES_MAX).map(({ timestamp }) => timestamp)).toEqual([
      5n,
      5n,
    ]);
  });

  it("makes no records of a control batch or of one that compaction emptied", () => {
    const emptied = foreignBatch([{ value: "a" }]).subarray(0, BATCH_HEADER_BYTES);
    emptied.writeInt32BE(BATCH_HEADER_BYTES - 12, BATCH.length);
    emptied.writeInt32BE(0, BATCH.count);
    expect(recordCodec.decode(sealed(emptied), 0n, PLAIN_BYTES_MAX)).toEqual([]);
    expect(
      recordCodec.decode(foreignBatch([{ value: "a" }], { control: true }), 0n, PLAIN_BYTES_MAX),
    ).toEqual([]);
  });

  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "refuses a %s batch that unpacks to more than the bound",
    (compression) => {
      const batch = foreignBatch([{ value: "0".repeat(100_000) }], { compression });
      expect(() => recordCodec.decode(batch, 0n, 99_999)).toThrow(
        expect.objectContaining({ code: "SOURCE_CODEC" }),
      );
    },
  );

  it("refuses a compression that Kafka does not define", () => {
    const batch = foreignBatch([{ value: "a" }]);
    batch.writeInt16BE(5, BATCH.attributes);
    expect(() => recordCodec.decode(batch, 0n, PLAIN_BYTES_MAX)).toThrow(
      expect.objectContaining({ code: "SOURCE_CODEC" }),
    );
  });

  it("throws a named error or gives records for any damage to the packed bytes, never anything else", () => {
    const compressions = fc.constantFrom("none", "gzip", "snappy", "lz4", "zstd");
    fc.assert(
      fc.property(compressions, fc.nat(), fc.integer({ min: 1, max: 255 }), (compression, where, flip) => {
        const batch = foreignBatch([{ key: "k", value: "abcabcabcabc".repeat(20) }, { value: "d" }], {
          compression,
        });
        const at = BATCH_HEADER_BYTES + (where % (batch.length - BATCH_HEADER_BYTES));
        batch.writeUInt8(batch.readUInt8(at) ^ flip, at);
        try {
          recordCodec.decode(batch, 0n, PLAIN_BYTES_MAX);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^SOURCE_(CORRUPT|CODEC)$/u) });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("check", () => {
  const batch = (): Buffer =>
    Buffer.from(recordCodec.encode([one("a"), { ...one("b"), timestamp: TIMESTAMP + 5n }]));

  it("finds nothing wrong with what encode made", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const tombstones = records.filter(({ value }) => value === null).length;
        const checked = recordCodec.check(recordCodec.encode(records), records.length);
        expect(checked).toEqual({ ok: true, value: { tombstones } });
      }),
    );
  });

  it("finds nothing wrong where 64 bits of time go round, and a maximum that is not the latest", () => {
    const edges = [-(2n ** 63n), 2n ** 63n - 1n, 0n, 2n ** 27n].flatMap((edge) =>
      [-3n, -1n, 0n, 1n, 2n].map((near) => BigInt.asIntN(64, edge + near)),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...edges), { minLength: 1, maxLength: 6 }), (times) => {
        const bytes = Buffer.from(recordCodec.encode(times.map((timestamp) => ({ ...one("v"), timestamp }))));
        expect(recordCodec.check(bytes, times.length)).toMatchObject({ ok: true });
        const latest = bytes.readBigInt64BE(BATCH.maxTimestamp);
        bytes.writeBigInt64BE(BigInt.asIntN(64, latest - 1n), BATCH.maxTimestamp);
        expect(recordCodec.check(sealed(bytes), times.length)).toMatchObject({ ok: false });
      }),
    );
  });

  it("leaves the bytes of a batch as they were, packed or not, however large", () => {
    for (const bytes of [
      recordCodec.encode([{ ...one(""), value: Buffer.alloc(100_000) }]),
      checkable(foreignBatch([{ value: "v".repeat(100_000) }], { leaderEpoch: -1 })),
    ]) {
      const before = Buffer.from(bytes);
      expect(recordCodec.check(bytes, 1)).toMatchObject({ ok: true });
      expect(before.equals(bytes)).toBe(true);
    }
  });

  const checkable = (plain: Buffer): Buffer => {
    plain.writeInt16BE(-1, BATCH.producerEpoch);
    plain.writeInt32BE(-1, BATCH.baseSequence);
    return sealed(plain);
  };

  it("takes a batch without compression", () => {
    const plain = foreignBatch([{ value: "a" }, { value: "b" }], { leaderEpoch: -1 });
    expect(recordCodec.check(checkable(plain), 2)).toMatchObject({ ok: true });
  });

  const spoiled = (write: (batch: Buffer) => unknown) => (target: Buffer) => {
    write(target);
    return target;
  };
  const resealed = (write: (batch: Buffer) => unknown) => (target: Buffer) => sealed(spoiled(write)(target));

  const wrongs: readonly [name: string, spoil: (batch: Buffer) => Buffer, fault: RegExp][] = [
    ["another count", (b) => b, /number of records/u],
    ["a byte more", (b) => Buffer.concat([b, Buffer.alloc(1)]), /length/u],
    ["a byte less", (b) => b.subarray(0, -1), /length/u],
    ["half a header", (b) => b.subarray(0, 30), /shorter/u],
    ["message format 1", spoiled((b) => b.writeInt8(1, BATCH.magic)), /format/u],
    ["a broken checksum", spoiled((b) => b.writeUInt32BE(7, BATCH.crc)), /checksum/u],
    ["a base offset", spoiled((b) => b.writeBigInt64BE(1n, BATCH.baseOffset)), /base offset/u],
    ["a leader epoch", spoiled((b) => b.writeInt32BE(3, BATCH.leaderEpoch)), /leader epoch/u],
    ["gzip", resealed((b) => b.writeInt16BE(1, BATCH.attributes)), /attributes/u],
    ["the transactional bit", resealed((b) => b.writeInt16BE(4 | 16, BATCH.attributes)), /attributes/u],
    ["the control bit", resealed((b) => b.writeInt16BE(4 | 32, BATCH.attributes)), /attributes/u],
    ["the delete-horizon bit", resealed((b) => b.writeInt16BE(4 | 64, BATCH.attributes)), /attributes/u],
    ["a producer", resealed((b) => b.writeBigInt64BE(1n, BATCH.producerId)), /producer/u],
    ["a producer epoch", resealed((b) => b.writeInt16BE(0, BATCH.producerEpoch)), /producer/u],
    ["a sequence", resealed((b) => b.writeInt32BE(0, BATCH.baseSequence)), /producer/u],
    ["an offset gap", resealed((b) => b.writeInt32BE(2, BATCH.lastOffsetDelta)), /number of records/u],
    [
      "a maximum timestamp of its own",
      resealed((b) => b.writeBigInt64BE(9n, BATCH.maxTimestamp)),
      /timestamp/u,
    ],
    ["packed bytes that are none", resealed((b) => b.fill(1, BATCH_HEADER_BYTES)), /zstd/u],
  ];
  it.each(wrongs)("refuses a batch with %s", (name, spoil, fault) => {
    const checked = recordCodec.check(spoil(batch()), name === "another count" ? 3 : 2);
    expect(checked).toEqual({ ok: false, fault: expect.stringMatching(fault) });
  });

  it("refuses records that are fewer than the header says", () => {
    const short = batch();
    short.writeInt32BE(3, BATCH.count);
    short.writeInt32BE(2, BATCH.lastOffsetDelta);
    expect(recordCodec.check(sealed(short), 3)).toMatchObject({ ok: false });
  });

  it("refuses records that are more than the header says", () => {
    const long = batch();
    long.writeInt32BE(1, BATCH.count);
    long.writeInt32BE(0, BATCH.lastOffsetDelta);
    expect(recordCodec.check(sealed(long), 1)).toMatchObject({ fault: expect.stringMatching(/follow/u) });
  });

  it("refuses a batch that unpacks to more than any frame may hold", () => {
    const bomb = recordCodec.encode([{ ...one(""), value: Buffer.alloc(LIMITS.batchPlainBytesMax + 1) }]);
    expect(bomb.length).toBeLessThan(20_000);
    expect(recordCodec.check(bomb, 1)).toMatchObject({ fault: expect.stringMatching(/more than/u) });
  });
});
