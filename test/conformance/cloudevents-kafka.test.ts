import { readFileSync } from "node:fs";
import { Kafka } from "cloudevents";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RecordHeader } from "../../src/kernel/record.ts";
import { fromNode, toNode } from "../../src/kernel/strict-json.ts";
import { decodeRecord, type EventParts, encodeRecord } from "../../src/mesh/cloudevents/kafka-binding.ts";
import { thirdParty } from "../support/third-party.ts";

const limits = { bytesMax: 10_000, depthMax: 4, arrayLengthMax: 10 };
const feature = thirdParty("cloudevents/conformance/features/kafka-protocol-binding.feature");

/** One scenario of the feature, as far as the two of it go. */
interface Scenario {
  readonly value: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly attributes: ReadonlyMap<string, string>;
  readonly data: unknown;
}

function rows(text: string): readonly (readonly [string, string])[] {
  const lines = [...text.matchAll(/^\s*\|\s*(\S+)\s*\|\s*(.*?)\s*\|\s*$/gm)];
  return lines.slice(1).map(([, name = "", value = ""]) => [name, value]);
}

function scenarios(text: string): readonly Scenario[] {
  return text
    .split(/Scenario(?: Outline)?:/)
    .slice(1)
    .flatMap((scenario) => {
      const [, value = "", headers = "", , attributes = "", data = ""] =
        /"""\s*(.*?)\s*"""(.*?)(When parsed)(.*?)"""\s*(.*?)\s*"""/s.exec(scenario) ?? [];
      const types = [...scenario.matchAll(/^\s*\|\s*(application\/cloudevents.*?)\s*\|/gm)].map(
        ([, type]) => type ?? "",
      );
      const examples = types.length === 0 ? [""] : types;
      return examples.map((type) => ({
        value,
        headers: rows(headers.replace("<contentType>", type)),
        attributes: new Map(rows(attributes)),
        data: JSON.parse(data),
      }));
    });
}

describe.runIf(feature !== undefined)(
  "the CloudEvents conformance feature for Kafka (third-party data; skipped where it is not there)",
  () => {
    const all = feature === undefined ? [] : scenarios(readFileSync(feature, "utf8"));

    test("its three examples are seen", () => {
      expect(all).toHaveLength(3);
    });

    test.each(all)("an event by $headers", ({ value, headers, attributes, data }) => {
      const bytes = headers.map(([name, text]) => [name, Buffer.from(text)] as const);
      const record = { offset: 0n, timestamp: 0n, key: null, value: Buffer.from(value), headers: bytes };
      const encoding = headers.length > 1 ? "cloudevents-binary" : "cloudevents-structured";
      const result = decodeRecord(record, encoding, limits);
      if (!result.ok) throw new Error(result.fault.code);
      const { id, type, source, time } = result.value.event;
      expect({ id, type, source, time }).toEqual({
        id: attributes.get("id"),
        type: attributes.get("type"),
        source: attributes.get("source"),
        time: attributes.get("time"),
      });
      expect(result.value.event.data && fromNode(result.value.event.data)).toEqual(data);
    });
  },
);

const anyEvent = fc.record({
  mode: fc.constantFrom("binary", "structured"),
  id: fc.string({ unit: "grapheme-ascii", minLength: 1 }),
  subject: fc.option(fc.string({ unit: "grapheme-ascii", minLength: 1 }), { nil: undefined }),
  time: fc.constantFrom(undefined, "2018-04-05T03:56:24.120Z"),
  data: fc.dictionary(fc.string({ unit: "grapheme" }), fc.integer()),
});

/** A record as the SDK wants it: headers and value as text. */
function message(headers: readonly RecordHeader[], value: Uint8Array | null) {
  const texts = headers.map(([name, bytes]) => [name, Buffer.from(bytes ?? []).toString()] as const);
  const body = Buffer.from(value ?? []).toString();
  return { headers: Object.fromEntries(texts), value: body, body, key: "" };
}

test("what is encoded is the same event to the CloudEvents SDK, where the SDK is right", () => {
  fc.assert(
    fc.property(anyEvent, ({ data, ...some }) => {
      // The SDK fails on a structured event without time, and invents one in binary mode.
      fc.pre(some.time !== undefined || some.mode === "binary");
      const around = { source: "/s", type: "t", key: null, timestamp: 0n, provenance: [], headers: [] };
      const made: EventParts = { ...around, ...some, data: toNode({ ...data }) };
      const outbound = encodeRecord(made);
      const event = Kafka.toEvent(message(outbound.headers, outbound.value));
      if (Array.isArray(event)) throw new Error("One event was written.");
      const { id, source, type, subject, time } = made;
      expect(event).toMatchObject({ id, source, type, ...(subject !== undefined && { subject }) });
      if (time !== undefined) expect(event.time).toBe(time);
      expect(event.data).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});
