import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutboundRecord, RecordHeader } from "../../../src/kernel/record.ts";
import { readJson, toNode } from "../../../src/kernel/strict-json.ts";
import { decodeRecord, type EventParts, encodeRecord } from "../../../src/mesh/cloudevents/kafka-binding.ts";

const limits = { bytesMax: 10_000, depthMax: 4, arrayLengthMax: 10 };
const header = (name: string, value: string | null): RecordHeader => [
  name,
  value === null ? null : Buffer.from(value),
];

const parts: EventParts = {
  mode: "binary",
  id: "i",
  source: "/s",
  type: "t",
  subject: undefined,
  time: undefined,
  data: toNode({ a: 1 }),
  key: null,
  timestamp: 5n,
  provenance: [header("ce_meshorigin", "urn:x-demo:aurora")],
  headers: [],
};
const written = ({ headers }: OutboundRecord) =>
  headers.map(([name, value]) => `${name}=${Buffer.from(value ?? [])}`);

describe("encodeRecord", () => {
  test("binary: attributes that are there, as headers; ours, then what may leave, in order and doubled as it came", () => {
    const headers = [header("b", "1"), header("a", "2"), header("b", "3"), header("n", null)];
    const outbound = encodeRecord({ ...parts, subject: "€ ü", time: "2018-04-05T03:56:24.1+02:00", headers });
    expect(written(outbound)).toEqual([
      "ce_specversion=1.0",
      "ce_id=i",
      "ce_source=/s",
      "ce_type=t",
      "ce_subject=€ ü",
      "ce_time=2018-04-05T03:56:24.1+02:00",
      "content-type=application/json",
      "ce_meshorigin=urn:x-demo:aurora",
      "b=1",
      "a=2",
      "b=3",
      "n=",
    ]);
    expect(outbound.headers.at(-1)).toEqual(["n", null]);
    expect(Buffer.from(outbound.value ?? []).toString()).toBe('{"a":1}');
  });

  test("structured: the event is the value", () => {
    const outbound = encodeRecord({ ...parts, mode: "structured" });
    expect(written(outbound)).toEqual([
      "content-type=application/cloudevents+json; charset=UTF-8",
      "ce_meshorigin=urn:x-demo:aurora",
    ]);
    expect(Buffer.from(outbound.value ?? []).toString()).toBe(
      '{"specversion":"1.0","id":"i","source":"/s","type":"t","datacontenttype":"application/json","data":{"a":1}}',
    );
  });

  test.each(["binary", "structured"] as const)(
    "a tombstone is a null value with attributes in headers: %s",
    (mode) => {
      const outbound = encodeRecord({ ...parts, mode, data: undefined, key: Buffer.from("k") });
      expect(outbound.value).toBeNull();
      expect(written(outbound)).toContain("ce_id=i");
      expect(written(outbound).join()).not.toContain("content-type");
    },
  );

  test("a header of the source never stands beside, or passes for, one of ours", () => {
    const names = [
      "ce_id",
      "CE_Time",
      "Content-Type",
      "ce_datacontenttype",
      "ce_meshplace",
      "ce_MeshX\n",
      "ce_x",
    ];
    const outbound = encodeRecord({ ...parts, headers: names.map((name) => header(name, "theirs")) });
    expect(written(outbound).filter((text) => text.endsWith("=theirs"))).toEqual(["ce_x=theirs"]);
  });
});

const anyParts = fc.record({
  mode: fc.constantFrom("binary", "structured"),
  id: fc.string({ unit: "grapheme-ascii", minLength: 1 }),
  subject: fc.option(fc.string({ unit: "grapheme-ascii", minLength: 1 }), { nil: undefined }),
  time: fc.constantFrom(undefined, "2018-04-05T03:56:24.120Z"),
  data: fc.dictionary(fc.string({ unit: "grapheme" }), fc.integer()),
}) satisfies fc.Arbitrary<Partial<Record<keyof EventParts, unknown>>>;

describe("what is encoded", () => {
  test("is decoded as the same event", () => {
    fc.assert(
      fc.property(anyParts, ({ data, ...some }) => {
        const made: EventParts = { ...parts, ...some, data: toNode({ ...data }) };
        const result = decodeRecord(
          { offset: 0n, ...encodeRecord(made) },
          `cloudevents-${made.mode}`,
          limits,
        );
        const { id, source, type, subject, time } = made;
        if (!result.ok) throw new Error(result.fault.code);
        expect(result.value.event).toEqual({ id, source, type, subject, time, data: made.data });
      }),
    );
  });

  test("holds the data byte for byte as it came", () => {
    const text = '{"n":1E+3,"s":"\\u00e9\\/","big":12345678901234567890}';
    const node = readJson(Buffer.from(text), limits);
    if (!node.ok) throw new Error(node.fault.code);
    expect(Buffer.from(encodeRecord({ ...parts, data: node.value }).value ?? []).toString()).toBe(text);
  });
});
