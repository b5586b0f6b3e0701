import fc from "fast-check";
import type { PolicyPlan } from "../../src/kernel/plan.ts";
import type { KafkaRecord, OutboundRecord, RecordHeader } from "../../src/kernel/record.ts";
import { HELIX, header, leaf, NOW, sampleRoot } from "./sample-route.ts";

/** A record of this value. */
export const record = (value: string | null, changed: Partial<KafkaRecord> = {}): OutboundRecord => ({
  key: null,
  timestamp: BigInt(NOW),
  headers: [],
  value: value === null ? null : Buffer.from(value),
  ...changed,
});

/** Shares, edits and takes away, in an object and below. */
export const ROOT = sampleRoot({
  a: leaf("/a", { action: "share" }),
  b: leaf("/b", { action: "pseudonymize" }, "infosec/categories"),
  c: leaf("/c", { action: "round", multiple: 10, mode: "half-even" }, "agreement"),
  t: leaf("/t", { action: "truncate-date", to: "hour" }, "infosec/categories"),
  s: leaf("/s", { action: "encrypt", keyRole: "quality" }),
  o: sampleRoot({ a: leaf("/o/a", { action: "share" }) }),
  l: {
    ...sampleRoot({}),
    path: "/l",
    check: { types: ["array"] },
    elements: leaf("/l/*", { action: "prefix", length: 1 }),
  },
});

const at = (pointer: string) => ({ from: "pointer", pointer }) as const;
const anyPointer = fc
  .constantFrom("/a", "/b", "/c", "/t", "/o/a", "/l/0", "/l/*", "/x", "", "/o/__proto__")
  .map(at);
const anyOrigin = fc.oneof(
  anyPointer,
  fc.constantFrom({ from: "auto" } as const, { from: "event" } as const, { from: "record" } as const),
);
const named = (name: string) => ({ from: "header", name }) as const;

/** Plans of all kinds, whose pointers lead where values leave and where none do. */
export const anyPlan: fc.Arbitrary<Partial<PolicyPlan>> = fc
  .record(
    {
      encoding: fc.constantFrom("json", "json", "cloudevents-binary", "cloudevents-structured"),
      key: fc.oneof(
        fc.constantFrom(
          { rule: "drop" } as const,
          { rule: "share" } as const,
          { rule: "pseudonymize" } as const,
        ),
        anyPointer.map(({ pointer }) => ({ rule: "pointer", pointer }) as const),
      ),
      headers: fc.constantFrom([], ["x"], ["x", "traceparent"]),
      timestamp: fc.constantFrom(
        { action: "share" } as const,
        { action: "truncate-date", to: "day" } as const,
      ),
      conditions: fc.constantFrom(
        [],
        [],
        [{ module: "contract", field: "/a", op: "equals" as const, values: ["A"] }],
        [
          { module: "infosec/scope", field: "/x", op: "exists" as const, values: [] },
          { module: "contract", field: "/l/*", op: "prefix" as const, values: ["z"] },
        ],
        [{ module: "m", field: "", op: "equals" as const, values: ["A"] }],
      ),
      tombstones: fc.constantFrom("pass", "scoped", "deny"),
      screens: fc.constantFrom<PolicyPlan["screens"]>(
        [],
        ...(["deny", "drop"] as const).map((outcome) => [
          { by: "infosec/words", detectors: [], words: ["one", "k1"], except: [], outcome },
        ]),
      ),
      denials: fc.constantFrom([], [], [], [{ code: "COMPETITOR" as const, module: "infosec/x" }]),
      age: fc.constantFrom({ leastMs: 0, mostMs: undefined }, { leastMs: 1000, mostMs: 5000 }),
      limits: fc.constantFrom(
        { bytesMax: 10_000, depthMax: 8, arrayLengthMax: 100 },
        { bytesMax: 60, depthMax: 2, arrayLengthMax: 1 },
      ),
      onwardSharing: fc.constantFrom("forbidden", "allowed"),
      recipient: fc.constantFrom(undefined, undefined, { kid: "k1", x: "" }),
      mode: fc.constantFrom("binary", "binary", "binary", "structured"),
      id: fc.oneof(anyOrigin, fc.constant(named("x"))),
      subject: fc.oneof(anyOrigin, fc.constant(named("x"))),
      time: fc.oneof(anyOrigin, fc.constant(named("x"))),
      root: fc.constantFrom(ROOT, ROOT, leaf("", { action: "share" }), leaf("", { action: "null" })),
    },
    { requiredKeys: ["mode", "id", "subject", "time"] },
  )
  .map(({ mode, id, subject, time, ...rest }) => {
    const event = { mode, type: "com.example.demand.v1", source: "urn:x-demo:a", id, subject, time } as const;
    return { root: ROOT, ...rest, event };
  });

/** Values that fit the plan, that do not, and that are none. */
export const anyValue = fc.oneof(
  fc
    .record(
      {
        a: fc.constantFrom<unknown>("A", "B", "", 7, null, { x: 1 }, "2026-12-01T10:11:12Z"),
        b: fc.constantFrom<unknown>("one", "two", 3.5, []),
        c: fc.constantFrom<unknown>(14, 15.5, "x"),
        t: fc.constantFrom<unknown>("2026-12-01T10:11:12Z", "2026-12-01", "never"),
        s: fc.constantFrom<unknown>("secret", 1),
        o: fc.constantFrom<unknown>({ a: "inner" }, { a: 12 }, {}, { a: 1, z: 2 }),
        l: fc.constantFrom<unknown>(["xy"], ["zz", "a"], []),
        x: fc.constantFrom<unknown>(1, null, "unlisted"),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
  fc.constantFrom(
    "{",
    '{"a":1,"a":2}',
    '{"\\u0061":"A"}',
    "[]",
    "null",
    "",
    '{"a":1e400}',
    '{"a" : "A" }',
    '{"a":[[[[]]]]}',
  ),
  fc.constant(null),
);

export const anyHeader = fc.constantFrom<RecordHeader>(
  header("x", "one"),
  header("traceparent", "00-1"),
  ["x", null],
  header("ce_meshorigin", "urn:x-demo:other"),
  header("ce_meshorigin", HELIX),
  header("ce_meshonward", "allowed"),
  header("content-type", "application/json"),
  header("content-type", "text/plain"),
  header("ce_id", "e1"),
  header("ce_specversion", "1.0"),
  header("ce_source", "/s"),
  header("ce_type", "t"),
);

export const anyRecord = fc
  .record({
    value: anyValue,
    key: fc.constantFrom(null, Buffer.from("k1"), Buffer.from([0xff])),
    headers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(anyHeader, { maxLength: 6 })),
    timestamp: fc.constantFrom(BigInt(NOW), BigInt(NOW - 3000), -1n),
  })
  .map(({ value, ...rest }) => record(value, rest));
