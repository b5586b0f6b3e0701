import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Encoding } from "../../../src/kernel/contract.ts";
import { REASONS } from "../../../src/kernel/reason.ts";
import type { KafkaRecord, RecordHeader } from "../../../src/kernel/record.ts";
import { toNode, writeJson } from "../../../src/kernel/strict-json.ts";
import { decodeRecord, sizeOfRecord } from "../../../src/mesh/cloudevents/kafka-binding.ts";

const limits = { bytesMax: 10_000, depthMax: 4, arrayLengthMax: 10 };
const header = (name: string, value: string | null): RecordHeader => [
  name,
  value === null ? null : Buffer.from(value),
];

function record(
  value: string | null,
  headers: readonly RecordHeader[] = [],
  key: string | null = null,
): KafkaRecord {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  return { offset: 7n, timestamp: 1n, key: bytes(key), value: bytes(value), headers };
}

/** The example of the conformance feature for the Kafka protocol binding. */
const REQUIRED = [
  header("ce_specversion", "1.0"),
  header("ce_id", "1234-1234-1234"),
  header("ce_type", "com.example.someevent"),
  header("ce_source", "/mycontext/subcontext"),
];
const BINARY = [
  ...REQUIRED,
  header("ce_time", "2018-04-05T03:56:24Z"),
  header("content-type", "application/json"),
];
const EVENT = {
  id: "1234-1234-1234",
  type: "com.example.someevent",
  source: "/mycontext/subcontext",
  time: "2018-04-05T03:56:24Z",
};
const structuredText = (changed: object = {}) =>
  JSON.stringify({
    specversion: "1.0",
    ...EVENT,
    datacontenttype: "application/json",
    data: { a: 1 },
    ...changed,
  });
const STRUCTURED = [header("content-type", "application/cloudevents+json")];

const decode = (from: KafkaRecord, encoding: Encoding) => decodeRecord(from, encoding, limits);
const invalid = { ok: false, fault: { code: "EVENT_INVALID" } };
const contentType = { ok: false, fault: { code: "EVENT_CONTENT_TYPE" } };

describe("binary mode (§3.2)", () => {
  test("takes attributes from headers and data from the value", () => {
    expect(decode(record('{"a":1}', BINARY), "cloudevents-binary")).toMatchObject({
      ok: true,
      value: { event: { ...EVENT, subject: undefined, data: { kind: "object" } } },
    });
  });

  test("an absent time stays absent, and a key makes no attribute", () => {
    const result = decode(record("1", REQUIRED, "k"), "cloudevents-binary");
    expect(result.ok && result.value.event).toEqual({
      ...EVENT,
      subject: undefined,
      time: undefined,
      data: toNode(1),
    });
  });

  test("a null value is a tombstone, the text null is not", () => {
    const datas = [null, "null"].map((value) => decode(record(value, BINARY), "cloudevents-binary"));
    expect(datas.map((result) => result.ok && result.value.event.data)).toEqual([undefined, toNode(null)]);
  });

  test("time keeps its precision and offset, text is UTF-8 without percent-encoding", () => {
    const headers = [
      ...REQUIRED,
      header("ce_time", "2018-04-05T03:56:24.123456789+02:00"),
      header("ce_subject", "€ %20"),
    ];
    const result = decode(record("1", headers), "cloudevents-binary");
    expect(result).toMatchObject({
      value: { event: { time: "2018-04-05T03:56:24.123456789+02:00", subject: "€ %20" } },
    });
  });

  test("a header with a null value is an absent attribute", () => {
    expect(decode(record("1", [...REQUIRED, header("ce_subject", null)]), "cloudevents-binary").ok).toBe(
      true,
    );
    expect(
      decode(record("1", [...REQUIRED.slice(1), header("ce_specversion", null)]), "cloudevents-binary"),
    ).toEqual(invalid);
  });

  test("ce_datacontenttype, which some senders write although they must not, is not read", () => {
    expect(
      decode(record("1", [...BINARY, header("ce_datacontenttype", "text/csv")]), "cloudevents-binary").ok,
    ).toBe(true);
  });

  test.each([
    ["a tombstone without attributes", record(null)],
    ["another version", record("1", [...REQUIRED.slice(1), header("ce_specversion", "0.3")])],
    [
      "an attribute twice, even with one value",
      record("1", [...REQUIRED, header("ce_id", "1234-1234-1234")]),
    ],
    ["an extension twice", record("1", [...REQUIRED, header("ce_x", "1"), header("ce_x", "2")])],
    ["two content types", record("1", [...BINARY, header("content-type", "application/json")])],
    ["a header that is not UTF-8", record("1", [...REQUIRED, ["ce_subject", Uint8Array.from([0xc3, 0x28])]])],
    ["an empty id", record("1", [...REQUIRED.filter(([name]) => name !== "ce_id"), header("ce_id", "")])],
    ["a time that is none", record("1", [...REQUIRED, header("ce_time", "yesterday")])],
    ["an event in structured mode", record(structuredText(), [...REQUIRED, ...STRUCTURED])],
  ])("refuses %s", (_, from) => {
    expect(decode(from, "cloudevents-binary")).toEqual(invalid);
  });

  test.each(["text/plain", "application/avro", "application/json; charset=utf-16", "nonsense"])(
    "refuses data of type %s",
    (type) => {
      expect(decode(record("1", [...REQUIRED, header("content-type", type)]), "cloudevents-binary")).toEqual(
        contentType,
      );
    },
  );
});

describe("structured mode (§3.3)", () => {
  test.each([
    "application/cloudevents+json",
    "application/cloudevents+json; charset=utf-8",
    "Application/CloudEvents+JSON;charset=UTF-8",
  ])("reads the event in the value by %s", (type) => {
    const result = decode(record(structuredText(), [header("content-type", type)]), "cloudevents-structured");
    expect(result).toMatchObject({ ok: true, value: { event: { ...EVENT, data: { kind: "object" } } } });
  });

  test("the limit of depth is on the data", () => {
    const text = (depth: number) =>
      structuredText({ data: JSON.parse("[".repeat(depth) + "]".repeat(depth)) });
    expect(decode(record(text(4), STRUCTURED), "cloudevents-structured").ok).toBe(true);
    expect(decode(record(text(5), STRUCTURED), "cloudevents-structured")).toEqual({
      ok: false,
      fault: { code: "JSON_TOO_DEEP" },
    });
  });

  test.each([
    ["a null value", record(null, STRUCTURED)],
    ["an event in binary mode", record('{"a":1}', BINARY)],
    ["no content type", record(structuredText())],
    ["a missing id", record(structuredText({ id: undefined }), STRUCTURED)],
    ["a null source", record(structuredText({ source: null }), STRUCTURED)],
    ["a batch by its value", record(`[${structuredText()}]`, STRUCTURED)],
    ["headers that are doubled", record(structuredText(), [...STRUCTURED, ...STRUCTURED])],
  ])("refuses %s", (_, from) => {
    expect(decode(from, "cloudevents-structured")).toEqual(invalid);
  });

  test.each([
    "application/cloudevents-batch+json",
    "application/cloudevents+avro",
    "application/cloudevents+json; charset=latin1",
  ])("refuses %s", (type) => {
    expect(
      decode(record(structuredText(), [header("content-type", type)]), "cloudevents-structured"),
    ).toEqual(contentType);
  });

  test("names that are doubled are refused, so that no two readers differ", () => {
    const doubled = structuredText().replace("{", '{"\\u0069d":"x",');
    expect(decode(record(doubled, STRUCTURED), "cloudevents-structured")).toEqual({
      ok: false,
      fault: { code: "JSON_DUPLICATE_NAME" },
    });
  });
});

describe("plain JSON", () => {
  test("the value is the data, and headers say nothing", () => {
    const result = decode(record('{"a":1E+3}', BINARY), "json");
    if (!result.ok) throw new Error(result.fault.code);
    const { data, ...attributes } = result.value.event;
    expect(new Set(Object.values(attributes))).toEqual(new Set([undefined]));
    expect(data && writeJson(data)).toBe('{"a":1E+3}');
  });

  test("a null value is a tombstone, an empty one is no JSON", () => {
    expect(decode(record(null), "json")).toMatchObject({ ok: true, value: { event: { data: undefined } } });
    expect(decode(record(""), "json")).toEqual({ ok: false, fault: { code: "JSON_SYNTAX" } });
  });

  test("the limit of bytes counts key, value and headers, and is looked at first", () => {
    const large = record("x".repeat(9_000), [header("h", "y".repeat(900))], "k".repeat(100));
    expect(sizeOfRecord(large)).toBe(10_001);
    expect(decode(large, "json")).toEqual({ ok: false, fault: { code: "RECORD_TOO_LARGE" } });
  });
});

test("no bytes make it throw: every record is an event or has a reason", () => {
  const name = fc.constantFrom(
    "content-type",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_specversion",
    "ce_time",
    "ce_x",
    "x",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom(structuredText(), "1.0", "application/json", "application/cloudevents+json")
      .map((text) => Buffer.from(text)),
  );
  const encodings = fc.constantFrom<Encoding>("json", "cloudevents-binary", "cloudevents-structured");
  const headers = fc.array(fc.tuple(name, fc.option(bytes)), { maxLength: 7 });
  fc.assert(
    fc.property(encodings, headers, fc.option(bytes), (encoding, given, value) => {
      const result = decode({ ...record(null), headers: given, value }, encoding);
      if (result.ok) expect(result.value.inputBytes).toBeGreaterThanOrEqual(0);
      else expect(REASONS).toHaveProperty(result.fault.code);
    }),
  );
});
