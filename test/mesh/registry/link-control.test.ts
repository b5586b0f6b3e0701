import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/kernel/json.ts";
import { readLinkControl, unreadableControl } from "../../../src/mesh/registry/link-control.ts";
import { isUuid, readReplay } from "../../../src/mesh/registry/replay.ts";

const AT = "2026-12-15T12:00:00.000Z";
const ID = "aa11bb22-0000-4000-8000-000000000000";
const control = { kind: "LinkControl", agreement: "a", paused: true, reason: "Moving.", at: AT };
const replay = {
  kind: "Replay",
  id: ID,
  agreement: "a",
  status: "running",
  from: "earliest",
  to: "",
  into: "again",
  ends: { "0": "sealed" },
  at: AT,
};

describe("what the operator said of a link", () => {
  test("is read as it was written", () => expect(readLinkControl(control)).toEqual(control));
  test.each<[string, Json]>([
    ["nothing", null],
    ["a list", []],
    ["another kind", { ...control, kind: "Replay" }],
    ["a pause that is a text", { ...control, paused: "no" }],
    ["a member that is not known", { ...control, until: AT }],
    ["a member too few", { kind: "LinkControl", agreement: "a", paused: false, at: AT }],
    ["a time without milliseconds", { ...control, at: "2026-12-15T12:00:00Z" }],
  ])("is not %s", (_, document) => expect(readLinkControl(document)).toBeUndefined());
  test("is a pause where it can't be read", () => {
    expect(unreadableControl("a")).toMatchObject({ agreement: "a", paused: true });
  });
});

describe("a replay", () => {
  test("is read as it was written", () => expect(readReplay(replay)).toEqual(replay));
  test.each<[string, Json]>([
    ["without an id", { ...replay, id: "" }],
    ["with an id that could be part of another name", { ...replay, id: "a.replay.b" }],
    ["in a state that is not known", { ...replay, status: "resting" }],
    ["without an end", { ...replay, ends: {} }],
    ["with an end of no partition", { ...replay, ends: { first: "sealed" } }],
    ["with an end that is no text", { ...replay, ends: { "0": 7 } }],
    ["with a member that is not known", { ...replay, by: "me" }],
  ])("is not one %s", (_, document) => expect(readReplay(document)).toBeUndefined());
});

test.each([
  [ID, true],
  [ID.toUpperCase(), false],
  [`${ID}.replay.${ID}`, false],
  ["", false],
  [7, false],
])("%s as an id of a replay: %s", (id, is) => expect(isUuid(id)).toBe(is));
