import { describe, expect, it } from "vitest";
import { type AbortedTransaction, committedRun } from "../../src/kafka/read-committed.ts";
import { BATCH } from "../../src/kafka/record-batch.ts";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { foreignBatch, marker, sealed } from "./foreign-batch.ts";

const ABORT = 0;
const COMMIT = 1;

const data = (baseOffset: bigint, producerId: bigint, ...values: string[]): Buffer =>
  foreignBatch(
    values.map((value) => ({ value })),
    { baseOffset, producerId, transactional: true },
  );

const aborted = (...rows: readonly [producerId: bigint, firstOffset: bigint][]): AbortedTransaction[] =>
  rows.map(([producerId, firstOffset]) => ({ producerId, firstOffset }));

function valuesOf(batches: readonly Buffer[], transactions: readonly AbortedTransaction[], from = 0n) {
  const run = committedRun(Buffer.concat(batches), transactions, from, "a test");
  const values = run.batches.flatMap((batch) =>
    recordCodec.decode(batch, from, 10_000).map((record) => Buffer.from(record.value ?? []).toString()),
  );
  return { values, next: run.nextOffset };
}

describe("a run of fetched batches", () => {
  it("delivers plain batches and batches of committed transactions, without their markers", () => {
    const batches = [foreignBatch([{ value: "a" }]), data(1n, 7n, "b", "c"), marker(3n, 7n, COMMIT)];
    expect(valuesOf(batches, [])).toEqual({ values: ["a", "b", "c"], next: 4n });
  });

  it("drops an aborted transaction and moves the position over it", () => {
    const batches = [data(0n, 7n, "x"), marker(1n, 7n, ABORT)];
    expect(valuesOf(batches, aborted([7n, 0n]))).toEqual({ values: [], next: 2n });
  });

  it("delivers what a producer commits after it aborted, twice", () => {
    const batches = [
      data(0n, 7n, "x"),
      marker(1n, 7n, ABORT),
      data(2n, 7n, "y"),
      marker(3n, 7n, ABORT),
      data(4n, 7n, "good"),
      marker(5n, 7n, COMMIT),
    ];
    expect(valuesOf(batches, aborted([7n, 0n], [7n, 2n]))).toEqual({ values: ["good"], next: 6n });
  });

  it("drops two aborted transactions that overlap, when the answer begins inside both", () => {
    const batches = [data(10n, 1n, "x"), data(11n, 2n, "y"), data(12n, 3n, "good"), marker(13n, 1n, ABORT)];
    expect(valuesOf(batches, aborted([2n, 4n], [1n, 3n]), 10n)).toEqual({ values: ["good"], next: 14n });
  });

  it("drops aborted data when the marker lies beyond the answer", () => {
    expect(valuesOf([data(0n, 7n, "x"), data(1n, 7n, "y")], aborted([7n, 0n])).values).toEqual([]);
  });

  it("does not take an aborted data record with the key int32 0 for the marker", () => {
    const lookalike = foreignBatch([Buffer.from([0, 0, 0, 0])], {
      baseOffset: 0n,
      producerId: 7n,
      transactional: true,
    });
    expect(valuesOf([lookalike, data(1n, 7n, "x"), marker(2n, 7n, ABORT)], aborted([7n, 0n]))).toEqual({
      values: [],
      next: 3n,
    });
  });

  it("does not take a commit marker for the end of an abort", () => {
    const batches = [data(0n, 7n, "x"), marker(1n, 7n, COMMIT), data(2n, 7n, "y")];
    expect(valuesOf(batches, aborted([7n, 0n])).values).toEqual([]);
  });

  it("delivers batches of a producer outside of transactions while its id is aborted", () => {
    const idempotent = foreignBatch([{ value: "plain" }], { baseOffset: 1n, producerId: 7n });
    expect(valuesOf([data(0n, 7n, "x"), idempotent], aborted([7n, 0n])).values).toEqual(["plain"]);
  });

  it("leaves a batch that is cut off for the next fetch", () => {
    const second = data(1n, 7n, "b");
    const run = valuesOf([foreignBatch([{ value: "a" }]), second.subarray(0, second.length - 1)], []);
    expect(run).toEqual({ values: ["a"], next: 1n });
  });

  it("moves over offsets that compaction left behind in a batch", () => {
    const gap = foreignBatch([{ value: "a" }], { lastOffsetDelta: 9 });
    expect(valuesOf([gap], [])).toEqual({ values: ["a"], next: 10n });
  });

  it("leaves out batches that end before the position", () => {
    const batches = [foreignBatch([{ value: "a" }]), foreignBatch([{ value: "b" }], { baseOffset: 1n })];
    expect(valuesOf(batches, [], 1n)).toEqual({ values: ["b"], next: 2n });
  });

  it("refuses a batch whose checksum does not hold, and names the offset", () => {
    const batch = foreignBatch([{ value: "secret" }], { baseOffset: 5n });
    batch[batch.length - 1] = 1;
    const sound = foreignBatch([{ value: "sound" }], { baseOffset: 4n });
    const run = committedRun(Buffer.concat([sound, batch]), [], 4n, "the topic t, partition 0");
    expect(run.failure).toMatchObject({
      code: "SOURCE_CORRUPT",
      message: expect.stringMatching(/offset 5/u),
    });
    expect(run).toMatchObject({ batches: [sound], nextOffset: 5n });
  });

  it("refuses an older message format", () => {
    const batch = foreignBatch([{ value: "a" }]);
    batch.writeInt8(1, 16);
    expect(committedRun(sealed(batch), [], 0n, "t").failure).toMatchObject({ code: "SOURCE_CODEC" });
  });

  it.each([-12, 1_000_000])("refuses a batch of a length that can't be: %i", (length) => {
    const batch = foreignBatch([{ value: "a" }]);
    batch.writeInt32BE(length, 8);
    expect(committedRun(batch, [], 0n, "t")).toMatchObject({
      nextOffset: 0n,
      failure: { code: "SOURCE_CORRUPT", context: { offset: "0" } },
    });
  });

  it("refuses an answer that holds nothing from the position on: it would be asked for again and again", () => {
    const before = foreignBatch([{ value: "a" }]);
    for (const bytes of [before, before.subarray(0, 20), before.subarray(0, -1)])
      expect(committedRun(bytes, [], 1n, "t")).toMatchObject({
        batches: [],
        nextOffset: 1n,
        failure: { code: "SOURCE_CORRUPT" },
      });
    expect(committedRun(Buffer.alloc(0), [], 1n, "t")).toMatchObject({ failure: undefined });
  });

  it("refuses a batch that goes back, and keeps those before it", () => {
    const first = foreignBatch([{ value: "a" }], { baseOffset: 5n });
    const second = foreignBatch([{ value: "b" }], { baseOffset: 4n });
    expect(committedRun(Buffer.concat([first, second]), [], 5n, "t")).toMatchObject({
      batches: [first],
      nextOffset: 6n,
      failure: { code: "SOURCE_CORRUPT", context: { offset: "4" } },
    });
  });

  it.each([
    ["fewer than none", -1, 0],
    ["more than it has offsets for", 2, 0],
    ["records up to an offset before its first", 1, -3],
  ])("refuses a batch that counts %s", (_says, count, lastOffsetDelta) => {
    const batch = foreignBatch([{ value: "a" }], { baseOffset: 5n, lastOffsetDelta });
    batch.writeInt32BE(count, BATCH.count);
    expect(committedRun(sealed(batch), [], 5n, "t")).toMatchObject({
      batches: [],
      nextOffset: 5n,
      failure: { code: "SOURCE_CORRUPT" },
    });
  });
});
