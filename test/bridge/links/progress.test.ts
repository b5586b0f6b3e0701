import { expect, test } from "vitest";
import { Progress, placeOf } from "../../../src/bridge/links/progress.ts";
import { recordCodec } from "../../../src/kafka/record-codec.ts";

const batchOf = (...times: readonly number[]): Uint8Array =>
  recordCodec.encode(
    times.map((time) => ({ timestamp: BigInt(time), key: null, value: Buffer.from("{}"), headers: [] })),
  );
const run = (partition: number, next: number, end: number, ...batches: Uint8Array[]) =>
  placeOf({ next: { partition, offset: BigInt(next), leaderEpoch: 0 }, end: BigInt(end), batches });

test("the lag is what all partitions have left, and the age of what came last where there is more", () => {
  const progress = new Progress();
  expect(progress.lag(5_000)).toEqual({ records: 0, ms: 0 });
  progress.take(run(0, 10, 30, batchOf(1_000, 4_000)));
  progress.take(run(1, 7, 8, batchOf(2_000)));
  expect(progress.lag(5_000)).toEqual({ records: 21, ms: 3_000 });
});

test("nothing is late where everything was read, however old it is", () => {
  const progress = new Progress();
  progress.take(run(0, 30, 30, batchOf(1)));
  expect(progress.lag(9_999)).toEqual({ records: 0, ms: 0 });
});

test("a run without records keeps the time of the one before, and an end that is behind counts as reached", () => {
  const progress = new Progress();
  progress.take(run(0, 10, 30, batchOf(1_000)));
  progress.take(run(0, 20, 30));
  expect(progress.lag(2_000)).toEqual({ records: 10, ms: 1_000 });
  progress.take(run(0, 31, 30));
  expect(progress.lag(2_000)).toEqual({ records: 0, ms: 0 });
});

test("a clock behind the records' makes no negative lag", () => {
  const progress = new Progress();
  progress.take(run(0, 10, 30, batchOf(5_000)));
  expect(progress.lag(1_000).ms).toBe(0);
});

test("a record without a time makes no lag since 1970", () => {
  const progress = new Progress();
  progress.take(run(0, 10, 30, batchOf(1_000)));
  progress.take(run(0, 11, 30, batchOf(-1)));
  expect(progress.lag(3_000)).toEqual({ records: 19, ms: 2_000 });
});

test("partitions that ended are named with their codes, and since when", () => {
  const progress = new Progress();
  progress.halt(2, "SOURCE_TRUNCATED", 5_000);
  expect([...progress.halted]).toEqual([[2, { code: "SOURCE_TRUNCATED", since: 5_000 }]]);
});
