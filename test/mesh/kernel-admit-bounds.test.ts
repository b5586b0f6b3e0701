import { describe, expect, it } from "vitest";
import { DENIALS_MAX, KEY_BYTES } from "../../src/policy/kernel/batch-layout.ts";
import { byKernel, expectSame, outcome } from "./kernel-admit-same.ts";
import { leaf, NOW, sampleRoute } from "./sample-route.ts";
import { runOf, type SourceRecord, sourceBatch } from "./source-batches.ts";

/** What does not fit where the kernel keeps it would lie on what it knows of its plan, and on names that it expects. */

const recordOf = (offset: number, value: string, key: Uint8Array | null = null): SourceRecord => ({
  offset,
  time: 0n,
  key,
  value: Buffer.from(value),
  headers: [],
});

const runWith = (records: readonly SourceRecord[]) =>
  runOf([
    sourceBatch({ records, codec: "none", baseOffset: 0n, baseTimestamp: BigInt(NOW), appended: undefined }),
  ]);

it("denies more records of a batch than it has room to note", () => {
  const conditions = [{ module: "m", field: "/a", op: "equals" as const, values: ["ours"] }];
  const route = sampleRoute({ conditions });
  const theirs = Array.from({ length: DENIALS_MAX + 100 }, (_, offset) =>
    recordOf(offset, '{"unlisted":1,"a":"theirs"}'),
  );
  const run = runWith([...theirs, recordOf(theirs.length, '{"unlisted":1,"a":"ours"}')]);
  const handedOut = expectSame(run, route);
  expect(handedOut).toBe(1);
  expect(outcome(byKernel, run, route)).toMatchObject({ count: 1, summary: { denied: theirs.length } });
});

it.each([KEY_BYTES, KEY_BYTES + 1, 4 * KEY_BYTES])("screens a key of %d bytes that leaves", (length) => {
  const screens = [
    { by: "infosec/words", detectors: [], words: ["secret"], except: [], outcome: "drop" as const },
  ];
  const limits = { bytesMax: 1_000_000, depthMax: 8, arrayLengthMax: 100 };
  const route = sampleRoute({ key: { rule: "share" }, screens, limits });
  const value = '{"a":"x","b":"y"}';
  expectSame(runWith([recordOf(0, value, Buffer.alloc(length, "k")), recordOf(1, value)]), route);
});

it("takes keys that come to more than there is room for, whatever stands behind them", () => {
  const limits = { bytesMax: 16_000_000, depthMax: 8, arrayLengthMax: 100 };
  const roots = [sampleRoute().plan.root, leaf("", { action: "share" }), leaf("", { action: "null" })];
  const values = ['{"a":"x"}', '{"a":', "[]", "null", '{"a":"theirs"}', '{"a":"x"}'];
  const keyed = values.map((value, offset) => recordOf(offset, value, Buffer.alloc(3_000_000, `${offset}`)));
  const conditions = [{ module: "m", field: "/a", op: "equals" as const, values: ["x"] }];
  for (const root of roots)
    for (const changed of [{}, { conditions }])
      expectSame(runWith(keyed), sampleRoute({ key: { rule: "share" }, limits, root, ...changed }));
});

describe("a record with a number that is longer than any may be", () => {
  const long = (bytes: number): Buffer => Buffer.alloc(bytes, 0x80);
  const value = Buffer.from('{"a":"x"}');
  /** What stands before a record's parts; each as it must be: it then reads as 0, or as no key. */
  const sound = {
    time: Buffer.from([0]),
    offset: Buffer.from([0]),
    key: Buffer.from([1]),
    value: Buffer.concat([Buffer.from([2 * value.length]), value]),
    headers: Buffer.from([0]),
  };
  const runOfParts = (parts: typeof sound) => {
    const inner = Buffer.concat([Buffer.from([0]), ...Object.values(parts)]);
    const shape = { records: [recordOf(0, "")], codec: "none" as const, baseOffset: 0n, appended: undefined };
    const plain = Buffer.concat([Buffer.from([2 * inner.length]), inner]);
    return runOf([sourceBatch({ ...shape, baseTimestamp: BigInt(NOW) }, plain)]);
  };

  it("is one record where its numbers are as they must be", () => {
    expect(outcome(byKernel, runOfParts(sound), sampleRoute({}))).toMatchObject({ count: 1 });
  });

  it.each(["offset", "key", "headers"] as const)("is refused: %s", (part) => {
    const run = runOfParts({ ...sound, [part]: long(5) });
    expectSame(run, sampleRoute({}));
    expect(outcome(byKernel, run, sampleRoute({}))).toEqual({ error: expect.stringContaining("record") });
  });

  it("is the reference implementation's to read where bits of its time fall away", () => {
    const time = Buffer.concat([long(9), Buffer.from([2])]);
    expectSame(runOfParts({ ...sound, time }), sampleRoute({}));
  });
});
