import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openValues } from "../../../src/cli/decrypt/open-values.ts";
import type { Json, JsonNode } from "../../../src/kernel/json.ts";
import { readJson, writeJson } from "../../../src/kernel/strict-json.ts";
import { keysOf, newRecipient, PLACE, sealed } from "../../tenants/sealed.ts";

const helix = newRecipient();
const keys = keysOf(helix);
const { path: _, ...EVENT } = PLACE;

function nodeOf(value: Json): JsonNode {
  const read = readJson(Buffer.from(JSON.stringify(value)), { depthMax: 99, arrayLengthMax: 99 });
  assert(read.ok, "The value is JSON.");
  return read.value;
}
const opened = (value: Json, event: typeof EVENT | undefined = EVENT) => {
  const { data, ...counts } = openValues(nodeOf(value), event, keys);
  return { text: writeJson(data), ...counts };
};

describe("opening a record's data", () => {
  test("gives back any JSON, wherever it stood", () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), fc.boolean(), (plain, name, isMap) => {
        const path = `/${isMap ? "*" : name.replaceAll("~", "~0").replaceAll("/", "~1")}/*`;
        const value: Json = { [name]: [0, sealed(plain, helix, { path })] };
        const { text, left } = opened(value);
        expect([JSON.parse(text)[name][1], left]).toEqual([JSON.parse(plain), []]);
      }),
    );
  });

  test("opens all that it can, and names the rest", () => {
    const value = {
      a: sealed("1", helix, { path: "/a" }),
      b: sealed("2", helix, { path: "/a" }),
      "c/d": [sealed("3", newRecipient(), { path: "/c~1d/*" })],
      e: "eyJhbGciOiJub25lIn0..",
    };
    const { text, left, ...counts } = opened(value);
    expect(JSON.parse(text)).toEqual({ ...value, a: 1 });
    expect(left).toEqual([
      { pointer: "/b", why: "place" },
      { pointer: "/c~1d/0", why: "key" },
    ]);
    expect(counts.opened).toBe(1);
  });

  test("opens nothing of a record that does not say what it is", () => {
    const { text, left } = openedWithoutEvent({ a: sealed("1", helix, { path: "/a" }) });
    expect(left).toEqual([{ pointer: "/a", why: "record" }]);
    expect(text).toContain("eyJ");
  });
  const openedWithoutEvent = (value: Json) => {
    const { data, left } = openValues(nodeOf(value), undefined, keys);
    return { text: writeJson(data), left };
  };

  test("gives up on a value whose place could be any of too many", () => {
    const deep = (levels: number, value: Json): Json =>
      levels === 0 ? value : { m: deep(levels - 1, value) };
    const mapped = (levels: number) => sealed("1", helix, { path: "/*".repeat(levels) });
    expect(opened(deep(12, mapped(12))).left).toEqual([]);
    expect(opened(deep(13, mapped(13))).left).toMatchObject([{ why: "place" }]);
  });
});
