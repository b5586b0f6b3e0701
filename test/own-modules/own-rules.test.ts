import { describe, expect, test } from "vitest";
import { rulesFrom } from "../../src/own-modules/own-rules.ts";

const SCREEN = { detectors: ["email"], words: ["canary"], except: [], outcome: "drop" };
const WHOLE = {
  denials: [{ code: "COMPETITOR", pointer: "/a" }],
  fields: [{ path: "/a/*", action: { action: "round", multiple: 100, mode: "floor" } }],
  key: "drop",
  withoutHeaders: ["traceparent"],
  timestamp: "day",
  conditions: [{ field: "/a", op: "in", values: ["x", 1, null] }],
  limits: { bytesMax: 1000, depthMax: 3, arrayLengthMax: 10 },
  validity: { from: 0, until: 1_800_000_000_000 },
  age: { leastMs: 0, mostMs: 86_400_000 },
  quota: { recordsPerSecond: 10, bytesPerSecond: 1000, alarmRecordsPerHour: 5 },
  screens: [{ path: "/a", ...SCREEN }],
  envelopeScreens: [SCREEN],
  tombstones: "deny",
  onwardSharing: "forbidden",
};

describe("an answer", () => {
  test("may have every member of the rules, or none", () => {
    expect(rulesFrom(JSON.stringify(WHOLE))).toEqual(WHOLE);
    expect(rulesFrom("{}")).toEqual({});
  });

  test.each<[string, object | string | number | null]>([
    ["that is null", null],
    ["that is a list", []],
    ["that is a text", '"{}"'],
    ["with a member that nobody knows", { field: [] }],
    ["with the name of a prototype", '{"__proto__":{"key":"drop"}}'],
    ["that would let more leave", { onwardSharing: "allowed" }],
    ["with a key that is shared", { key: "share" }],
    ["with fields that are no list", { fields: {} }],
    ["with an action by its name alone", { fields: [{ path: "/a", action: "drop" }] }],
    ["with an action that is none", { fields: [{ path: "/a", action: { action: "shred" } }] }],
    ["with an action without its parameter", { fields: [{ path: "/a", action: { action: "prefix" } }] }],
    ["with a field that says more", { fields: [{ path: "/a", action: { action: "drop" }, unless: "x" }] }],
    ["that denies in a way of its own", { denials: [{ code: "BECAUSE" }] }],
    ["that speaks in another's name", { denials: [{ code: "COMPETITOR", module: "contract" }] }],
    ["with an operation that is none", { conditions: [{ field: "/a", op: "matches", values: [] }] }],
    ["with a negative limit", { limits: { bytesMax: -1 } }],
    ["with a quota of nothing", { quota: { recordsPerSecond: 0 } }],
    ["with a screen for nothing known", { envelopeScreens: [{ ...SCREEN, detectors: ["names"] }] }],
    ["with a date for a number", { validity: { until: "2026-12-31" } }],
    ["with more entries than are taken", { withoutHeaders: Array(10_001).fill("a") }],
    ["that is too long", { conditions: [{ field: "/a", op: "in", values: ["é".repeat(600_000)] }] }],
    ["with half a character", { withoutHeaders: ["\ud800"] }],
    ["with two members of one name", '{"key":"drop","key":"drop"}'],
    ["that is no JSON", "{key:'drop'}"],
    ["that is nothing", ""],
  ])("%s is none", (_, answer) => {
    expect(rulesFrom(typeof answer === "string" ? answer : JSON.stringify(answer))).toBeUndefined();
  });
});
