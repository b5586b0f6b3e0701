import { describe, expect, it } from "vitest";
import { ATTRIBUTE, BATCH } from "../../src/kafka/record-batch.ts";
import { writeInt } from "../../src/kafka/varint.ts";
import { byKernel, expectSame, outcome } from "./kernel-admit-same.ts";
import { EVENT, plain, shapeOf } from "./kernel-admit-shapes.ts";
import { header, leaf, NOW, sampleRoot, sampleRoute } from "./sample-route.ts";
import { plainOf, runOf, type SourceRecord, sourceBatch } from "./source-batches.ts";

const VALUE = '{"a":"A","n":12.5,"t":"2026-11-22T10:11:12.5Z","o":{"p":"x"},"x":1}';
const FIELDS = sampleRoot({
  a: leaf("/a", { action: "share" }),
  n: leaf("/n", { action: "round", multiple: 1, mode: "floor" }),
  t: leaf("/t", { action: "truncate-date", to: "hour" }),
  o: { ...sampleRoot({ p: leaf("/o/p", { action: "pseudonymize" }) }), path: "/o" },
});
const { event: EVENT_RULES } = sampleRoute().plan;
const at = (pointer: string) => ({ from: "pointer", pointer }) as const;
const event = (changed: Partial<typeof EVENT_RULES>) => ({ event: { ...EVENT_RULES, ...changed } });
const KEY = { key: Buffer.from("k1") };
const screens = [
  { by: "infosec/words", detectors: [], words: ["secret"], except: [], outcome: "drop" as const },
];

describe("the kernel decides by itself", () => {
  it.each([
    ["the least", {}, {}],
    ["every field by its rule", { root: FIELDS }, {}],
    ["a key that is shared", { key: { rule: "share" } }, KEY],
    ["a key that is empty", { key: { rule: "share" } }, { key: Buffer.from("") }],
    ["a key that gets a pseudonym", { key: { rule: "pseudonymize" } }, KEY],
    ["a key that is screened", { key: { rule: "share" }, screens }, { key: Buffer.from("a secret word") }],
    ["a key from a field", { key: { rule: "pointer", pointer: "/a" }, root: FIELDS }, {}],
    ["a key from a number", { key: { rule: "pointer", pointer: "/n" }, root: FIELDS }, {}],
    ["a key from a field that is not there", { key: { rule: "pointer", pointer: "/o/q" }, root: FIELDS }, {}],
    ["a timestamp that is shared", { timestamp: { action: "share" } }, { time: 5n }],
    ...(["year", "quarter", "month", "iso-week", "day", "hour", "minute"] as const).map(
      (to) =>
        [
          `a timestamp by the ${to}`,
          { timestamp: { action: "truncate-date", to } },
          { time: 86_400_123n },
        ] as const,
    ),
    [
      "the record's time",
      { ...event({ time: { from: "record" } }), timestamp: { action: "share" } },
      { time: 7n },
    ],
    ["the record's hour", event({ time: { from: "record" } }), { time: 7n }],
    [
      "texts of fields",
      { root: FIELDS, ...event({ subject: at("/a"), time: at("/t"), id: at("/o/p") }) },
      {},
    ],
    ["the text of a number", { root: FIELDS, ...event({ subject: at("/n") }) }, {}],
    ["what is no text", { root: FIELDS, ...event({ subject: at("/o"), id: at("/x"), time: at("/n") }) }, {}],
    [
      "headers that leave",
      { headers: ["x", "y"] },
      { headers: [header("x", "1"), header("z", "2"), header("y", "3")] },
    ],
    [
      "headers that others would take for ours",
      { headers: ["ce_type", "x"] },
      { headers: [header("ce_type", "1")] },
    ],
    ["headers of an event that is none", {}, { headers: EVENT }],
    [
      "an event",
      {
        encoding: "cloudevents-binary",
        ...event({ id: { from: "event" }, subject: { from: "event" }, time: { from: "event" } }),
      },
      { headers: [...EVENT, header("ce_subject", "s"), header("ce_time", "2026-11-22T10:11:12.345+01:00")] },
    ],
    ["a record that is old enough", { age: { leastMs: 1000, mostMs: 5000 } }, { time: -3000n }],
  ] satisfies readonly (readonly [string, Parameters<typeof sampleRoute>[0], Partial<SourceRecord>])[])(
    "%s",
    (_, changed, given) => {
      const run = runOf([
        sourceBatch(shapeOf([plain(VALUE, given), plain('{"a":null}', given), plain(VALUE, given)])),
      ]);
      expect(expectSame(run, sampleRoute(changed))).toBe(0);
    },
  );

  it("denials of a kind that it has seen", () => {
    const conditions = [
      { module: "contract", field: "/a", op: "equals" as const, values: ["A"] },
      { module: "infosec/scope", field: "/n", op: "exists" as const, values: [] },
    ];
    const changed = { root: FIELDS, conditions, age: { leastMs: 0, mostMs: 5000 } };
    const route = sampleRoute(changed);
    const kinds = ['{"a":"B"}', VALUE, '{"a":"B","n":1}', '{"n":1}', "{}"];
    const records = Array.from({ length: 1200 }, (__, n) =>
      plain(kinds[n % kinds.length] ?? "", { time: n % 7 === 0 ? -6000n : 0n }),
    );
    const run = runOf([sourceBatch(shapeOf(records)), sourceBatch(shapeOf(records, { baseOffset: 2000n }))]);
    // Conditions met: both, one, the other, none; old or not.
    expect(expectSame(run, route)).toBeLessThanOrEqual(8);
    expect(expectSame(run, route)).toBe(0);
  });
});

describe("the kernel hands out", () => {
  it.each([
    [
      "a week that begins before 1970",
      { timestamp: { action: "truncate-date", to: "iso-week" } },
      { time: -BigInt(NOW) + 5n },
    ],
    [
      "an event with more attributes than it notes",
      { encoding: "cloudevents-binary" },
      { headers: [...EVENT, ...Array.from({ length: 40 }, (_, n) => header(`ce_x${n}`, "1"))] },
    ],
    ["a tombstone", {}, { value: null }],
    ["a header of the mesh", {}, { headers: [header("Ce_MeshOnward", "allowed")] }],
    ["a name of a header that is no ASCII", {}, { headers: [header("ü", "")] }],
    [
      "more headers that leave than it notes",
      { headers: ["x"] },
      { headers: Array.from({ length: 65 }, () => header("x", "1")) },
    ],
    ["what is not JSON", {}, { value: Buffer.from("{") }],
    ["a record that is too large", { limits: { bytesMax: 20, depthMax: 8, arrayLengthMax: 9 } }, {}],
    [
      "a subject with an escape",
      { root: FIELDS, ...event({ subject: at("/a") }) },
      { value: Buffer.from('{"a":"\\n"}') },
    ],
    [
      "an id with a control character",
      { root: FIELDS, ...event({ id: at("/a") }) },
      { value: Buffer.from('{"a":"\x7f"}') },
    ],
    [
      "a subject that is no ASCII",
      { root: FIELDS, ...event({ subject: at("/a") }) },
      { value: Buffer.from('{"a":"ä"}') },
    ],
    ["a time from before 1970", {}, { time: -BigInt(NOW) - 1n }],
    [
      "a time after the year 9999",
      { ...event({ time: { from: "record" } }), timestamp: { action: "share" } },
      { time: 253_402_300_800_000n - BigInt(NOW) },
    ],
    [
      "a header that may leave where there are screens",
      { screens, headers: ["x"] },
      { headers: [header("x", "1")] },
    ],
    ["an event without an id", { encoding: "cloudevents-binary" }, { headers: EVENT.slice(1) }],
    [
      "an event with an attribute twice",
      { encoding: "cloudevents-binary" },
      { headers: [...EVENT, header("ce_id", "e1")] },
    ],
    [
      "an event of another version",
      { encoding: "cloudevents-binary" },
      { headers: [...EVENT.filter(([name]) => name !== "ce_specversion"), header("ce_specversion", "1.1")] },
    ],
    [
      "an event whose data is none that it knows",
      { encoding: "cloudevents-binary" },
      { headers: [...EVENT, header("content-type", "text/json")] },
    ],
    [
      "an event with a source that is no URI",
      { encoding: "cloudevents-binary" },
      { headers: [...EVENT.filter(([name]) => name !== "ce_source"), header("ce_source", "a b")] },
    ],
  ] satisfies readonly (readonly [string, Parameters<typeof sampleRoute>[0], Partial<SourceRecord>])[])(
    "%s, and goes on behind it",
    (_, changed, given) => {
      const headers = "encoding" in changed ? EVENT : [];
      const mine = plain('{"a":1}', { headers });
      const run = runOf([sourceBatch(shapeOf([mine, plain(VALUE, given), mine]))]);
      expect(expectSame(run, sampleRoute(changed))).toBe(1);
    },
  );
});

describe("the room in the kernel", () => {
  it.each(["lz4", "zstd", "none"] as const)("is not that of a batch: %s", (codec) => {
    const records = Array.from({ length: 40 }, (_, n) => plain(`{"a":"${String(n).repeat(150_000)}"}`));
    const route = sampleRoute({ limits: { bytesMax: 9_000_000, depthMax: 8, arrayLengthMax: 9 } });
    expect(expectSame(runOf([sourceBatch(shapeOf(records, { codec }))]), route)).toBe(0);
  });

  it("takes a record that it can't hold in its turn", () => {
    const route = sampleRoute({ limits: { bytesMax: 9_000_000, depthMax: 8, arrayLengthMax: 9 } });
    const large = plain(`{"a":"${"y".repeat(6_500_000)}"}`);
    const small = plain('{"a":1}');
    for (const records of [[small, large, small], [large], [large, large, small]])
      expectSame(runOf([sourceBatch(shapeOf(records))]), route);
  });

  it("is held against the headers that leave, too", () => {
    const limits = { bytesMax: 9_000_000, depthMax: 8, arrayLengthMax: 9 };
    const large = plain('{"a":1}', { headers: [header("x", "h".repeat(2_400_000))] });
    const records = [large, large, large, plain('{"a":1}')];
    const run = runOf([sourceBatch(shapeOf(records, { codec: "zstd" }))]);
    expect(expectSame(run, sampleRoute({ limits, headers: ["x"] }))).toBe(0);
  });

  it("is cleared when so many names wait, and so many denials", () => {
    const one = plain('{"a":1}');
    const run = (record: SourceRecord) =>
      runOf([sourceBatch(shapeOf(Array.from({ length: 34_000 }, () => record)))]);
    expect(expectSame(run(one), sampleRoute())).toBe(0);
    const conditions = [{ module: "contract", field: "/a", op: "exists" as const, values: [] }];
    const denied = plain('{"a":null}');
    expect(expectSame(run(denied), sampleRoute({ conditions }))).toBe(1);
  });
});

describe("batches that are odd", () => {
  it.each([
    ["are empty", shapeOf([])],
    ["begin beyond 48 bits", shapeOf([plain(VALUE)], { baseOffset: 2n ** 48n - 2n })],
    ["count from the end of time", shapeOf([plain(VALUE, { time: 1n })], { baseTimestamp: 2n ** 63n - 1n })],
  ])("%s", (_, shape) => {
    expectSame(runOf([sourceBatch(shape)]), sampleRoute({ timestamp: { action: "share" } }));
  });

  it("are left out where they are the broker's own", () => {
    const batch = sourceBatch(shapeOf([plain(VALUE)]));
    batch.writeInt16BE(batch.readInt16BE(BATCH.attributes) | ATTRIBUTE.control, BATCH.attributes);
    expectSame(runOf([batch]), sampleRoute());
  });

  it("are read from the middle on and up to before another one, and through varints of more bytes than they need", () => {
    const records = ['{"a":1}', '{"a":2}', '{"a":3}'].map((value) => plain(value));
    expect(expectSame(runOf([sourceBatch(shapeOf(records))], 101n), sampleRoute())).toBe(0);
    const middle = runOf([sourceBatch(shapeOf(records))], 101n, 102n);
    expect(expectSame(middle, sampleRoute())).toBe(0);
    expect(outcome(byKernel, middle, sampleRoute())).toMatchObject({ count: 1 });
    const bytes = plainOf(shapeOf(records).records);
    const longer = Buffer.concat([Buffer.from([(bytes[0] ?? 0) | 0x80, 0x80, 0x00]), bytes.subarray(1)]);
    expect(expectSame(runOf([sourceBatch(shapeOf(records, { codec: "none" }), longer)]), sampleRoute())).toBe(
      0,
    );
  });

  const HUGE = 0x7fff_ffff;
  /** Numbers as varints behind the attributes: time, offset, length of key, of value, headers, … */
  const rawRecord = (...parts: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(64);
    let end = 1;
    for (const part of parts) end = writeInt(bytes, end, part);
    const head = Buffer.alloc(1);
    writeInt(head, 0, end);
    return Buffer.concat([head, bytes.subarray(0, end)]);
  };
  const valid = [0, 0, -1, 0, 0];

  it.each([
    ["a key", [0, 0, HUGE, 0, 0]],
    ["a key of less than nothing", [0, 0, -2, 0, 0]],
    ["a value", [0, 0, -1, HUGE, 0]],
    ["a value of less than nothing", [0, 0, -1, -2, 0]],
    ["headers", [0, 0, -1, 0, HUGE]],
    ["headers of less than none", [0, 0, -1, 0, -1]],
    ["one header more", [0, 0, -1, 0, 1]],
    ["the name of a header", [0, 0, -1, 0, 1, HUGE, 0]],
    ["the name of a header of less than nothing", [0, 0, -1, 0, 1, -1, 0]],
    ["the value of a header", [0, 0, -1, 0, 1, 0, HUGE]],
    ["the value of a header of less than nothing", [0, 0, -1, 0, 1, 0, -2]],
    ["bytes behind the headers", [0, 0, -1, 0, 0, 0]],
  ])("are refused where there is not what their lengths say: %s", (_, parts) => {
    const shape = shapeOf([plain("1"), plain("2"), plain("3")], { codec: "none" });
    const run = (...records: readonly Buffer[]) => runOf([sourceBatch(shape, Buffer.concat(records))]);
    const [before, behind] = [rawRecord(...valid), rawRecord(...valid)];
    expectSame(run(before, rawRecord(...valid), behind), sampleRoute());
    expectSame(run(before, rawRecord(...parts), behind), sampleRoute());
    expectSame(run(before, behind, rawRecord(...parts)), sampleRoute());
    expectSame(run(before, behind), sampleRoute());
  });
});
