import { describe, expect, it } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import {
  action,
  actionOf,
  byName,
  country,
  hostSuffix,
  instant,
  integer,
  listOf,
  members,
  name,
  oneOf,
  perName,
  type Setting,
  settingsOf,
  word,
} from "../../src/policy/settings.ts";

const many = (length: number): readonly Json[] => Array.from({ length }, (_, index) => `name ${index}`);
const table = (length: number): Json => Object.fromEntries(many(length).map((key) => [key, 1]));

/** Kind of setting → what it takes, and what it does not. */
const KINDS: Readonly<Record<string, readonly [Setting<Json>, good: readonly Json[], bad: readonly Json[]]>> =
  {
    integer: [integer(1, 3), [1, 3, 2.0], [0, 4, 1.5, "1", null]],
    "one of": [oneOf(["a", "b"]), ["a", "b"], ["c", "", null, ["a"]]],
    list: [listOf(name), [[], ["a"], many(1000)], ["a", { 0: "a" }, [1], many(1001)]],
    "table by name": [
      byName(name, integer(0, 1)),
      [{}, { a: 1 }, table(1000)],
      [[], { "": 1 }, { a: 2 }, table(1001)],
    ],
    "table of names": [
      perName(["a"], oneOf(["x"])),
      [{}, { a: "x" }],
      [{ b: "x" }, { a: "y" }, { toString: "x" }, []],
    ],
    members: [
      members({ a: integer(0, 9), b: name }, ["a"]),
      [{ a: 1 }, { a: 1, b: "x" }],
      [{}, { b: "x" }, { a: 1, c: 2 }, { a: "1" }, { constructor: 1, a: 1 }, [], null],
    ],
    name: [
      name,
      ["a", "nda", "Kestrel Coatings", "x".repeat(200)],
      ["", "a\nb", "\ud800", "x".repeat(201), 1],
    ],
    word: [
      word,
      ["ab", "Kestrel Coatings", "x".repeat(200)],
      ["a", "", " ab", "ab ", "a\tb", "\ud800b", "x".repeat(201)],
    ],
    host: [
      hostSuffix,
      ["corp.example", ".lan", "*.lan", "a-b.c"],
      ["", ".", "..", "a", "*", "*corp.example", "a/b", "a b"],
    ],
    country: [country, ["DE"], ["de", "DEU", "D", "", 1]],
    action: [
      action,
      ["drop", { action: "drop" }, { action: "prefix", length: 1 }],
      ["prefix", "hide", {}, null, 1],
    ],
    instant: [
      instant,
      ["2026-02-28", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.123+01:00"],
      [
        "2026-02-29",
        "2026-02-28T10:00Z",
        "2026-02-28T10:00:00",
        "2026-02-28T10:00:60Z",
        "2026-02-28 10:00:00Z",
        1,
      ],
    ],
  };

describe("settings", () => {
  it.each(Object.entries(KINDS))(
    "of the kind “%s” are what it takes, and nothing else",
    (_, [setting, good, bad]) => {
      for (const value of good) expect([value, setting.is(value)]).toEqual([value, true]);
      for (const value of bad) expect([value, setting.is(value)]).toEqual([value, false]);
    },
  );

  it("are empty when there are none", () => {
    expect(settingsOf(null, members({ a: name }))).toEqual({});
    expect(settingsOf(null, members({ a: name }, ["a"]))).toBeUndefined();
  });

  it("name an action, or say it whole; none means that nothing leaves", () => {
    expect(actionOf("null")).toEqual({ action: "null" });
    expect(actionOf({ action: "prefix", length: 2 })).toEqual({ action: "prefix", length: 2 });
    expect(actionOf(undefined)).toEqual({ action: "drop" });
    expect(actionOf("prefix")).toEqual({ action: "drop" });
  });
});
