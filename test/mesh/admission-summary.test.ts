import { expect, test } from "vitest";
import { SummaryTally } from "../../src/mesh/admission-summary.ts";
import { sampleRecord } from "./sample-route.ts";

const run = {
  from: { partition: 0, offset: 5n, leaderEpoch: 0 },
  next: { partition: 0, offset: 9n, leaderEpoch: 0 },
};

test("a run of nothing spans its offsets all the same", () => {
  expect(new SummaryTally().summary(run)).toEqual({
    firstOffset: "5",
    lastOffset: "8",
    read: 0,
    permitted: 0,
    denied: 0,
    bytesIn: 0,
    bytesOut: 0,
    erasures: 0,
    fields: {},
    rules: {},
    denials: [],
  });
});

test("rules count records that they changed or denied; sharing changes nothing, a reason without a rule counts for none", () => {
  const tally = new SummaryTally();
  tally.permit(sampleRecord("1234"), sampleRecord("12"), [
    { pointer: "/a", action: "round", by: "contract", count: 3 },
    { pointer: "/b", action: "round", by: "contract", count: 1 },
    { pointer: "/c", action: "share", by: "agreement", count: 1 },
  ]);
  tally.permit(sampleRecord("1234"), sampleRecord("12"), [
    { pointer: "/a", action: "drop", by: "b/m", count: 2 },
  ]);
  tally.deny(sampleRecord("12345"), [
    { code: "SCOPE_MISMATCH", module: "contract" },
    { code: "JSON_SYNTAX" },
  ]);
  expect(tally.summary(run)).toMatchObject({
    read: 3,
    permitted: 2,
    denied: 1,
    bytesIn: 13,
    bytesOut: 4,
    fields: { "/a": { round: 3, drop: 2 }, "/b": { round: 1 }, "/c": { share: 1 } },
    rules: { contract: 2, "b/m": 1 },
    denials: [
      { offset: "41", reasons: [{ code: "SCOPE_MISMATCH", module: "contract" }, { code: "JSON_SYNTAX" }] },
    ],
  });
});

test("what was decided together counts as if it had been one by one", () => {
  const tally = new SummaryTally();
  tally.permit(sampleRecord("1234"), sampleRecord("12"), [
    { pointer: "/a", action: "round", by: "contract", count: 1 },
  ]);
  tally.add({
    permitted: 2,
    bytesIn: 100,
    bytesOut: 50,
    fields: [
      { pointer: "/a", action: "round", by: "contract", count: 3 },
      { pointer: "/b", action: "drop", by: "b/m", count: 1 },
    ],
    rules: [
      ["contract", 2],
      ["b/m", 1],
    ],
  });
  tally.denyAs(7n, [{ code: "SCOPE_MISMATCH", module: "contract" }]);
  expect(tally.summary(run)).toMatchObject({
    read: 4,
    permitted: 3,
    denied: 1,
    bytesIn: 104,
    bytesOut: 52,
    erasures: 0,
    fields: { "/a": { round: 4 }, "/b": { drop: 1 } },
    rules: { contract: 4, "b/m": 1 },
    denials: [{ offset: "7", reasons: [{ code: "SCOPE_MISMATCH", module: "contract" }] }],
  });
});

test("a null value that leaves erases; one that is denied does not", () => {
  const tally = new SummaryTally();
  const tombstone = sampleRecord(null, { key: Buffer.from("k") });
  tally.permit(tombstone, tombstone, []);
  tally.permit(sampleRecord("null"), sampleRecord("null"), []);
  tally.deny(tombstone, [{ code: "TOMBSTONE_DENIED" }]);
  expect(tally.summary(run)).toMatchObject({ read: 3, permitted: 2, erasures: 1 });
});

test("a pointer named like a part of a prototype is a pointer", () => {
  const tally = new SummaryTally();
  tally.permit(sampleRecord("1"), sampleRecord("1"), [
    { pointer: "__proto__", action: "drop", by: "__proto__", count: 1 },
  ]);
  const { fields, rules } = tally.summary(run);
  expect([Object.keys(fields), Object.keys(rules)]).toEqual([["__proto__"], ["__proto__"]]);
});
