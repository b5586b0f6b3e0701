import { describe, expect, test } from "vitest";
import { recordCodec } from "../../src/kafka/record-codec.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import type { SourceBatch } from "../../src/kernel/ports.ts";
import type { OutboundRecord } from "../../src/kernel/record.ts";
import { type Admission, admitRecord, referenceAdmit } from "../../src/mesh/admit.ts";
import type { Route } from "../../src/mesh/route.ts";
import {
  AURORA,
  HELIX,
  header,
  leaf,
  NOW,
  sampleRecord,
  sampleRoot,
  sampleRoute,
  shown,
} from "./sample-route.ts";

const place = { partition: 2, sequence: 9 };
const OPAQUE = /^[A-Za-z0-9_-]{22}$/;

function permitted(admission: Admission): OutboundRecord {
  if (admission.effect === "deny") throw new Error(admission.reasons.map(({ code }) => code).join());
  return admission.record;
}
const admitted = (route: Route, record = sampleRecord('{"a":1,"b":2}')) =>
  shown(permitted(admitRecord(record, route, place, NOW)));
const denied = (code: string) => ({ effect: "deny", reasons: [expect.objectContaining({ code })] });

describe("admitRecord lets out", () => {
  test("a CloudEvent of what the plan shares, with the mesh's own headers", () => {
    expect(admitted(sampleRoute())).toEqual({
      key: null,
      value: '{"a":1}',
      timestamp: Date.UTC(2026, 11, 1, 12),
      headers: [
        ["ce_specversion", "1.0"],
        ["ce_id", expect.stringMatching(OPAQUE)],
        ["ce_source", `${AURORA}:dcm`],
        ["ce_type", "com.example.demand.v1"],
        ["content-type", "application/json"],
        ["ce_meshorigin", AURORA],
        ["ce_meshagreement", "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10"],
        ["ce_meshonward", "forbidden"],
        ["ce_meshplace", expect.stringMatching(OPAQUE)],
      ],
    });
  });

  test("the same bytes for the same record, wherever it stands but for its place", () => {
    const [first, again] = [admitted(sampleRoute()), admitted(sampleRoute())];
    expect(first).toEqual(again);
    const elsewhere = shown(
      permitted(admitRecord(sampleRecord('{"a":1}'), sampleRoute(), { ...place, sequence: 10 }, NOW)),
    );
    const names = (record: Record<string, unknown>) => new Map(record.headers as [string, string][]);
    expect(names(elsewhere).get("ce_id")).toBe(names(first).get("ce_id"));
    expect(names(elsewhere).get("ce_meshplace")).not.toBe(names(first).get("ce_meshplace"));
  });

  test("the id of the event where the plan takes it, and the plan's type and source instead of the event's own", () => {
    const event = { ...sampleRoute().plan.event, id: { from: "event" }, subject: { from: "event" } } as const;
    const route = sampleRoute({ encoding: "cloudevents-structured", event });
    const value =
      '{"specversion":"1.0","id":"i1","source":"/internal/host","type":"x","subject":"s","data":{"a":1}}';
    const headers = [header("content-type", "application/cloudevents+json")];
    const record = admitted(route, sampleRecord(value, { headers }));
    expect(record.headers).toEqual(
      expect.arrayContaining([
        ["ce_id", "i1"],
        ["ce_subject", "s"],
        ["ce_type", event.type],
      ]),
    );
    expect(JSON.stringify(record)).not.toContain("/internal/host");
  });

  test("a tombstone as a null value, when the key leaves", () => {
    const tombstone = sampleRecord(null, { key: Buffer.from("k") });
    const record = admitted(sampleRoute({ key: { rule: "share" } }), tombstone);
    expect(record).toMatchObject({ key: "k", value: null });
    expect(record.headers).not.toContainEqual(["content-type", expect.anything()]);
  });

  test("headers that the plan names, in their order, doubled as they came", () => {
    const headers = [header("t", "1"), header("x", "no"), header("u", "2"), header("t", "3")];
    const record = admitted(sampleRoute({ headers: ["t", "u"] }), sampleRecord('{"a":1}', { headers }));
    expect((record.headers as string[][]).slice(-3)).toEqual([
      ["t", "1"],
      ["u", "2"],
      ["t", "3"],
    ]);
  });
});

describe("admitRecord denies", () => {
  test.each([
    ["no JSON", "{", "JSON_SYNTAX"],
    ["a name twice", '{"a":1,"a":2}', "JSON_DUPLICATE_NAME"],
    ["depth", "[".repeat(9) + "]".repeat(9), "JSON_TOO_DEEP"],
    ["a long array", `[${"1,".repeat(100)}1]`, "ARRAY_TOO_LONG"],
    ["size", JSON.stringify("x".repeat(10_000)), "RECORD_TOO_LARGE"],
    ["a tombstone whose key stays", null, "TOMBSTONE_WITHOUT_KEY"],
    ["what is not of the schema", "[]", "SCHEMA_MISMATCH"],
  ])("%s", (_, value, code) => {
    expect(admitRecord(sampleRecord(value), sampleRoute(), place, NOW)).toMatchObject(denied(code));
  });

  test("a record that has passed the partner, by whatever spelling of the header's name", () => {
    for (const name of ["ce_meshorigin", "CE_MESHORIGIN"]) {
      const record = sampleRecord('{"a":1}', { headers: [header(name, `${HELIX} urn:x-demo:other`)] });
      expect(admitRecord(record, sampleRoute(), place, NOW)).toEqual(denied("CAME_HOME"));
    }
  });

  test("when a rule throws: here the pseudonyms' key is gone", () => {
    const root = sampleRoot({ a: leaf("/a", { action: "pseudonymize" }) });
    const lost = () => {
      throw new Error("secret-value");
    };
    const { fields, ...rest } = sampleRoute({ root });
    const route: Route = { ...rest, fields: { ...fields, pseudonyms: { epoch: 1, key: lost } } };
    expect(admitRecord(sampleRecord('{"a":"x"}'), route, place, NOW)).toEqual({
      effect: "deny",
      reasons: [{ code: "POLICY_FAILED" }],
    });
  });

  test.each([
    [
      "a subject with a control character",
      { subject: { from: "pointer", pointer: "/a" } },
      '{"a":"x\\u0000"}',
    ],
    ["an id with half a line of text", { id: { from: "pointer", pointer: "/a" } }, '{"a":"x\\ny"}'],
  ] as const)("%s", (_, event, value) => {
    const route = sampleRoute({ event: { ...sampleRoute().plan.event, ...event } });
    expect(admitRecord(sampleRecord(value), route, place, NOW)).toMatchObject(denied("EVENT_INVALID"));
  });
});

describe("nothing around the value leaves unless the plan says so", () => {
  const marked = [
    header("ce_specversion", "1.0"),
    header("ce_id", "canary-id"),
    header("ce_source", "/canary-source"),
    header("ce_type", "canary-type"),
    header("ce_subject", "canary-subject"),
    header("ce_time", "2001-02-03T04:05:06Z"),
    header("ce_partitionkey", "canary-extension"),
    header("ce_meshplace", "canary-place"),
    header("ce_meshother", "canary-mesh"),
    header("ce_dataschema", "https://canary-host/"),
    header("content-type", "application/canary+json"),
    header("traceparent", "canary-trace"),
    header("__connect.errors.topic", "canary-topic"),
  ];
  const record = sampleRecord('{"a":1,"b":"canary-field","c":{"d":["canary-deep"]}}', {
    offset: 8_675_309n,
    key: Buffer.from("canary-key"),
    headers: marked,
  });
  const encoding = "cloudevents-binary";

  test.each(["binary", "structured"] as const)("in %s mode", (mode) => {
    const event = { ...sampleRoute().plan.event, mode };
    const text = JSON.stringify(admitted(sampleRoute({ encoding, event }), record));
    expect(text).not.toMatch(/canary|2001|8675309/);
    expect(text).not.toContain(String(NOW));
    expect(text).toContain(String(Date.UTC(2026, 11, 1, 12)));
  });

  test("and in what is said of it: pointers and counts alone", () => {
    const batch = batchOf([record]);
    const { summary } = referenceAdmit(recordCodec)(batch, sampleRoute({ encoding }), 0, NOW);
    expect(JSON.stringify(summary)).not.toMatch(/canary/);
  });

  test("each of them leaves when the plan says so: the markers are seen", () => {
    const event = {
      ...sampleRoute().plan.event,
      id: { from: "event" },
      subject: { from: "event" },
      time: { from: "event" },
    } as const;
    const route = sampleRoute({
      encoding,
      event,
      key: { rule: "share" },
      headers: ["traceparent", "ce_partitionkey"],
      timestamp: { action: "share" },
    });
    const text = JSON.stringify(admitted(route, record));
    for (const marker of ["id", "subject", "key", "trace", "extension"])
      expect(text).toContain(`canary-${marker}`);
    expect(text).toContain("2001-02-03T04:05:06Z");
    expect(text).toContain(String(NOW));
    expect(text).not.toMatch(/canary-(source|type|place|mesh|host|topic|field|deep)/);
  });
});

/** One run of one batch, from offset 0. */
function batchOf(records: readonly OutboundRecord[], from = 0n): SourceBatch {
  const position = (offset: bigint) => ({ partition: 2, offset, leaderEpoch: 0 });
  const batches = records.length === 0 ? [] : [recordCodec.encode(records)];
  return { from: position(from), next: position(BigInt(records.length)), batches, end: 0n };
}

describe("referenceAdmit", () => {
  const admit = referenceAdmit(recordCodec);
  const route = sampleRoute();

  test("makes one batch of what is permitted, numbers it without gaps, and counts the rest", () => {
    const values = ['{"a":1,"b":0}', "{", '{"a":2}', '{"a":3}'];
    const { body, count, summary } = admit(
      batchOf(values.map((value) => sampleRecord(value))),
      route,
      100,
      NOW,
    );
    if (body === undefined) throw new Error("Three records leave.");
    const records = recordCodec.decode(body, 0n, 1_000_000);
    expect(records.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
      '{"a":1}',
      '{"a":2}',
      '{"a":3}',
    ]);
    expect(count).toBe(3);
    expect(recordCodec.check(body, 3)).toEqual({ ok: true, value: { tombstones: 0 } });
    expect(summary).toMatchObject({
      firstOffset: "0",
      lastOffset: "3",
      read: 4,
      permitted: 3,
      denied: 1,
      denials: [{ offset: "1", reasons: [{ code: "JSON_SYNTAX" }] }],
      bytesIn: values.join("").length,
    });
    const last = permitted(
      admitRecord({ ...sampleRecord('{"a":3}'), offset: 3n }, route, { partition: 2, sequence: 102 }, NOW),
    );
    expect(shown(records.at(-1) ?? last)).toEqual(shown(last));
  });

  test("counts fields by pointer and action, and each rule once a record", () => {
    const root = sampleRoot({
      a: leaf("/a", { action: "pseudonymize" }, "infosec/categories"),
      b: leaf("/b", { action: "null" }, "infosec/categories"),
      c: leaf("/c", { action: "share" }),
    });
    const values = ['{"a":"x","b":"y","c":1}', '{"a":"x"}'].map((value) => sampleRecord(value));
    const { summary } = admit(batchOf(values), sampleRoute({ root }), 0, NOW);
    expect(summary.fields).toMatchObject({ "/a": { pseudonymize: 2 }, "/b": { null: 1 } });
    expect(summary.rules).toEqual({ "infosec/categories": 2 });
  });

  test("has no body when nothing leaves, and lists so many denials and no more", () => {
    const records = Array.from({ length: LIMITS.denialsListedMax + 5 }, () => sampleRecord("{"));
    const { body, count, summary } = admit(batchOf(records), route, 0, NOW);
    expect([body, count, summary.bytesOut]).toEqual([undefined, 0, 0]);
    expect(summary.denied).toBe(LIMITS.denialsListedMax + 5);
    expect(summary.denials).toHaveLength(LIMITS.denialsListedMax);
  });

  test("leaves out records that were read before, and takes an empty run", () => {
    const records = ['{"a":1}', '{"a":2}'].map((value) => sampleRecord(value));
    expect(admit(batchOf(records, 1n), route, 0, NOW)).toMatchObject({
      count: 1,
      summary: { firstOffset: "1", read: 1 },
    });
    expect(admit(batchOf([]), route, 0, NOW)).toMatchObject({
      body: undefined,
      count: 0,
      summary: { read: 0 },
    });
  });
});
