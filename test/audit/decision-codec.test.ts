import { Buffer } from "node:buffer";
import { CloudEvent } from "cloudevents";
import { describe, expect, test } from "vitest";
import { decodeDecision, encodeDecision } from "../../src/audit/decision-codec.ts";
import type { Decision, FrameDecision } from "../../src/kernel/decision.ts";
import { COMPANY, FRAME, PARTNER, REFUSED, REVOKED } from "./decisions.ts";

const entryOf = (value: unknown) => ({ value: Buffer.from(JSON.stringify(value)) });
const eventOf = (decision: Decision) =>
  JSON.parse(Buffer.from(encodeDecision(decision, COMPANY).value ?? []).toString()) as Record<
    string,
    unknown
  >;
const { summary: _, ...SUBSCRIBED } = { ...FRAME, side: "subscriber" as const };
const SHADOW = { plan: FRAME.plan, compared: 3, denied: 1, fields: { "/supplier": { drop: 2 } } };
const COUNTED: FrameDecision = {
  ...FRAME,
  ...(FRAME.summary && { summary: { ...FRAME.summary, erasures: 1, shadow: SHADOW } }),
};
const STORED = { ...SUBSCRIBED, erasures: 1 };

describe("a decision in the audit topic", () => {
  test.each([FRAME, COUNTED, SUBSCRIBED, STORED, REVOKED, REFUSED])(
    "comes back as it was written: %#",
    (decision) => {
      expect(decodeDecision(encodeDecision(decision, COMPANY), COMPANY)).toEqual({
        ok: true,
        value: decision,
      });
    },
  );

  test("is a CloudEvent by the official package", () => {
    const event = eventOf(FRAME);
    expect(new CloudEvent(event).validate()).toBe(true);
    expect(event).toMatchObject({
      source: `${COMPANY}:tiermesh`,
      type: "mesh.audit.frame.v1",
      time: FRAME.time,
    });
    expect(eventOf(REVOKED)).toMatchObject({ type: "mesh.audit.act.v1" });
  });

  test("has the agreement as its key, else the partner, else none", () => {
    const { partner: _p, agreement: _a, ...bare } = REVOKED;
    const keys = [FRAME, { ...bare, partner: PARTNER }, bare].map(
      (each) => encodeDecision(each, COMPANY).key,
    );
    expect(keys).toEqual([FRAME.agreement, PARTNER, null]);
  });

  test("has one id however often it is written", () => {
    expect(eventOf(FRAME).id).toBe(eventOf(FRAME).id);
    expect(eventOf(FRAME).id).not.toBe(eventOf(REVOKED).id);
  });
});

describe("an entry that is no decision", () => {
  const event = eventOf(FRAME);
  const data = event.data as typeof FRAME;
  const withData = (change: object) => entryOf({ ...event, data: { ...data, ...change } });
  test.each([
    ["has no value", { value: null }, "foreign", "no value"],
    [
      "is another company's",
      entryOf({ ...event, source: `${PARTNER}:tiermesh` }),
      "foreign",
      "another source",
    ],
    ["is of a newer type", entryOf({ ...event, type: "mesh.audit.frame.v2" }), "foreign", "does not know"],
    ["is not JSON", { value: Buffer.from("{") }, "broken", "JSON_SYNTAX"],
    ["is not UTF-8", { value: Buffer.from([0x22, 0xff, 0x22]) }, "broken", "JSON_NOT_UTF8"],
    ["has a name twice", { value: Buffer.from('{"id":"1","id":"2"}') }, "broken", "JSON_DUPLICATE_NAME"],
    ["is a list", entryOf([event]), "broken", '""'],
    ["lacks an attribute", entryOf({ ...event, id: undefined }), "broken", '"/id"'],
    ["has an attribute too many", entryOf({ ...event, subject: "x" }), "broken", '"/subject"'],
    ["has an act's data", entryOf({ ...event, data: REVOKED }), "broken", '"/data/side"'],
    ["has a digest of another kind", withData({ frame: "md5:00" }), "broken", '"/data/frame"'],
    ["has a negative count", withData({ count: -1 }), "broken", '"/data/count"'],
    ["has a member too many", withData({ "a/b": 1 }), "broken", '"/data/a~1b"'],
    [
      "has an unknown reason",
      withData({ summary: { ...data.summary, denials: [{ offset: "1", reasons: [{ code: "X" }] }] } }),
      "broken",
      '"/data/summary/denials/0/reasons/0/code"',
    ],
    [
      "has a count that is text",
      withData({ summary: { ...data.summary, fields: { "/a": { share: "1" } } } }),
      "broken",
      '"/data/summary/fields/~1a/share"',
    ],
    ["is dated otherwise than its decision", withData({ time: "2026-12-02T00:00:00Z" }), "broken", "time"],
  ])("%s: is a value that says so", (_name, entry, fault, detail) => {
    expect(decodeDecision(entry, COMPANY)).toMatchObject({
      ok: false,
      fault: { fault, detail: expect.stringContaining(detail) },
    });
  });
});
