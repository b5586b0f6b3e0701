import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  escapeSegment,
  formatPointer,
  matchPointer,
  pointerSegments,
  selectNodes,
} from "../../src/kernel/pointer.ts";
import { readJson, writeJson } from "../../src/kernel/strict-json.ts";

function select(text: string, pointer: string): readonly string[] {
  const node = readJson(new TextEncoder().encode(text), { depthMax: 32, arrayLengthMax: 100 });
  if (!node.ok) throw new Error(node.fault.code);
  return selectNodes(node.value, pointer).map(writeJson);
}

/** RFC 6901 §5. */
const EXAMPLE = String.raw`{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}`;

describe("the examples of RFC 6901 §5", () => {
  test.each([
    ["", EXAMPLE],
    ["/foo", '["bar","baz"]'],
    ["/foo/0", '"bar"'],
    ["/", "0"],
    ["/a~1b", "1"],
    ["/c%d", "2"],
    ["/e^f", "3"],
    ["/g|h", "4"],
    ["/i\\j", "5"],
    ['/k"l', "6"],
    ["/ ", "7"],
    ["/m~0n", "8"],
  ])("%s", (pointer, expected) => {
    expect(select(EXAMPLE, pointer)).toEqual([expected]);
  });
});

describe("pointerSegments", () => {
  test("undoes ~1 before ~0", () => {
    expect(pointerSegments("/~01")).toEqual({ ok: true, value: ["~1"] });
  });

  test.each(["foo", "/~", "/a~2", "/~~0", "#/a"])("refuses %s with a sentence", (pointer) => {
    expect(pointerSegments(pointer)).toEqual({ ok: false, fault: expect.stringMatching(/RFC 6901.*\.$/) });
  });

  test("is undone by formatPointer, for any names", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("~", "/", "0", "1", "*", "é", "") })),
        (segments) => {
          expect(pointerSegments(formatPointer(segments))).toEqual({ ok: true, value: segments });
        },
      ),
    );
  });

  test("escapeSegment escapes the tilde first", () => {
    expect(escapeSegment("~1/")).toBe("~01~1");
  });
});

describe("selectNodes", () => {
  test("takes every element, and every value of a map, for a star", () => {
    const text = '{"m":{"x":[{"v":1},{"v":2},{}],"y":[{"v":3}],"*":[{"v":4}]}}';
    expect(select(text, "/m/*/*/v")).toEqual(["1", "2", "3", "4"]);
  });

  test.each(["/a/b", "/list/2", "/list/-", "/list/01", "/list/1e0", "/text/0", "/text/length", "/__proto__"])(
    "finds nothing at %s",
    (pointer) => {
      expect(select('{"list":[1,2],"text":"ab"}', pointer)).toEqual([]);
    },
  );

  test("asserts that the pointer was checked before", () => {
    expect(() => select("{}", "a")).toThrow();
  });
});

describe("matchPointer", () => {
  test.each([
    ["", "", true],
    ["/a/*/b", "/a/0/b", true],
    ["/a/*/b", "/a/*/b", true],
    ["/a/*", "/a", false],
    ["/a/*", "/a/0/b", false],
    ["/a/0", "/a/*", false],
    ["/*", "/a~1b", true],
  ])("%s against %s: %s", (pattern, pointer, expected) => {
    expect(matchPointer(pattern, pointer)).toBe(expected);
  });
});
