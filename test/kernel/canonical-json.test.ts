import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/kernel/canonical-json.ts";
import type { Json } from "../../src/kernel/json.ts";
import { readPlainJson } from "../../src/kernel/strict-json.ts";

function canonical(text: string): string {
  const value = readPlainJson(text);
  if (!value.ok) throw new Error(value.fault.code);
  return canonicalJson(value.value);
}

/** The double with these bits, most significant first. */
const double = (hex: string) => Buffer.from(hex, "hex").readDoubleBE();

describe("RFC 8785", () => {
  test("§3.2.2: the example of primitive data types", () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonical(text)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test("§3.2.3: names sort by UTF-16 code units", () => {
    const text = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`;
    const values = [...canonical(text).matchAll(/:"([^"]*)"/g)].map(([, value]) => value);
    expect(values).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("appendix B: %s is written %s", (bits, expected) => {
    expect(canonicalJson(double(bits))).toBe(expected);
  });

  test.each(["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])(
    "appendix B: %s is refused",
    (bits) => {
      expect(() => canonicalJson([double(bits)])).toThrow(/3\.2\.2\.3/);
    },
  );

  test("§3.2.2.2: half a surrogate pair is refused, in a name too", () => {
    expect(() => canonicalJson("\udead")).toThrow(/3\.2\.2\.2/);
    expect(() => canonicalJson({ "\ud800": 1 })).toThrow(/3\.2\.2\.2/);
  });
});

test("what is no plain object is refused: a Map would lose its entries", () => {
  for (const value of [new Map([["a", 1]]), new Date(0), () => 1, Symbol("a"), 1n]) {
    expect(() => canonicalJson({ a: value as unknown as Json })).toThrow();
  }
});

test("a member that is undefined is left out", () => {
  expect(canonicalJson({ a: undefined as unknown as Json, b: 1 })).toBe('{"b":1}');
});

test("the order of members makes no difference, and the form reads back as the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (any) => {
      const value = JSON.parse(JSON.stringify(any)) as Json;
      expect(JSON.parse(canonicalJson(value))).toEqual(value);
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    }),
  );
});

function reversed(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
