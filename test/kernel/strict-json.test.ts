import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import { fromNode, readJson, readPlainJson, toNode, writeJson } from "../../src/kernel/strict-json.ts";

const limits = { depthMax: 32, arrayLengthMax: 10_000 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string, changed = {}) => readJson(bytesOf(text), { ...limits, ...changed });
const refused = (code: string, at?: number) => ({
  ok: false,
  fault: at === undefined ? { code } : { code, at },
});

/** JSON as fast-check makes it, with strings that JSON can carry and without minus zero, which JSON.stringify loses. */
const json = fc
  .jsonValue({ stringUnit: "grapheme" })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe("readJson keeps what is written", () => {
  test.each([
    "1E+3",
    "-0",
    "1e400",
    "-1e-400",
    `${"9".repeat(400)}`,
    `0.${"1".repeat(400)}`,
    "12345678901234567890",
    '"\\u00e9 é \\/ / \\ud83d\\ude00 😀 \\u0000"',
    '{"b":1,"a":2,"":3,"\\u0061b":4}',
    '{"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3}',
    "[[],{},[null,true,false]]",
  ])("%s comes out byte for byte", (text) => {
    const result = read(text);
    expect(result.ok && writeJson(result.value)).toBe(text);
  });

  test("space around tokens is the only thing that goes", () => {
    const result = read(' \t\r\n{ "a" : [ 1 , 2 ] } \n');
    expect(result.ok && writeJson(result.value)).toBe('{"a":[1,2]}');
  });

  test("names are looked up by what they mean and written as they came", () => {
    const result = read('{"\\u0061":1}');
    expect(result.ok && result.value.kind === "object" && result.value.members.get("a")?.raw).toBe(
      '"\\u0061"',
    );
  });

  test("a view into a larger buffer is read within its bounds", () => {
    const larger = bytesOf("xx[1]xx");
    expect(readJson(larger.subarray(2, 5), limits).ok).toBe(true);
  });

  test("any value survives a round trip", () => {
    fc.assert(
      fc.property(json, (value) => {
        const result = read(JSON.stringify(value));
        if (!result.ok) throw new Error(result.fault.code);
        expect(JSON.parse(writeJson(result.value))).toEqual(value);
        expect(writeJson(toNode(value))).toBe(writeJson(result.value));
        expect(JSON.stringify(fromNode(result.value))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe("readJson refuses", () => {
  test.each([
    ["nothing", "", 0],
    ["space alone", "  ", 2],
    ["a byte order mark", "\ufeff[]", 0],
    ["NUL around a value", "[]\0", 2],
    ["NUL in a string", '"a\0"', 2],
    ["a no-break space", "\u00a0[]", 0],
    ["a second value", "1 2", 2],
    ["a comma at the end", "[1,]", 3],
    ["a comma at the end of an object", '{"a":1,}', 7],
    ["a wrong bracket", "[1}", 2],
    ["a name without a value", '{"a"}', 4],
    ["a name without quotes", "{a:1}", 1],
    ["a leading zero", "01", 0],
    ["a plus sign", "+1", 0],
    ["a bare point", "1.", 0],
    ["a bare exponent", "1e+", 0],
    ["a hex number", "0x1", 1],
    ["NaN", "NaN", 0],
    ["a word that begins right", "nulll", 4],
    ["capitals", "True", 0],
    ["a wrong escape", '"\\x41"', 1],
    ["a short escape", '"\\u00e"', 1],
    ["a comment", "[1 // one\n]", 3],
    ["a fault after multi-byte characters", '["é😀" 1]', 10],
  ])("%s", (_, text, at) => {
    expect(read(text)).toEqual(refused("JSON_SYNTAX", at));
  });

  test.each([
    ["raw", '{"a":1,"a":1}', 7],
    ["by an escape", '{"a":1,"\\u0061":2}', 7],
    ["by a surrogate pair in escapes", '{"😀":1,"\\ud83d\\ude00":2}', 10],
    ["of __proto__", '{"__proto__":1,"__proto__":2}', 15],
    ["deep inside", '[[{"x":{"":0,"":0}}]]', 13],
  ])("one name twice: %s", (_, text, at) => {
    expect(read(text)).toEqual(refused("JSON_DUPLICATE_NAME", at));
  });

  test.each([
    ["a high half", '"\\ud800"'],
    ["a low half", '"\\udc00"'],
    ["halves in the wrong order", '"\\udc00\\ud800"'],
    ["a high half before a pair that is raw", '"\\ud800😀"'],
    ["half a pair in a name", '{"\\ud800":1}'],
  ])("half a surrogate pair by escape: %s", (_, text) => {
    expect(read(text)).toMatchObject(refused("JSON_NOT_UTF8"));
  });

  test.each([
    ["a continuation byte alone", [0x22, 0x80, 0x22], 1],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22], 1],
    ["a surrogate in UTF-8", [0x22, 0x61, 0xed, 0xa0, 0x80, 0x22], 2],
    ["beyond U+10FFFF", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1],
    ["a truncated sequence", [0x22, 0xe2, 0x82], 1],
    ["UTF-16", [0xff, 0xfe, 0x31, 0x00], 0],
  ])("bytes that are not UTF-8: %s", (_, bytes, at) => {
    expect(readJson(Uint8Array.from(bytes), limits)).toEqual(refused("JSON_NOT_UTF8", at));
  });

  test("every truncation of a text", () => {
    const text = '{"a":[1.5e3,"x\\u00e9é",{"b":null}],"c":true}';
    const bytes = bytesOf(text);
    for (let length = 0; length < bytes.length; length++) {
      expect(readJson(bytes.subarray(0, length), limits).ok).toBe(false);
    }
  });

  test("a byte after the value that is not space", () => {
    for (let byte = 0; byte < 256; byte++) {
      const space = [0x20, 0x09, 0x0a, 0x0d].includes(byte);
      expect(readJson(Uint8Array.from([0x5b, 0x5d, byte]), limits).ok).toBe(space);
    }
  });

  test("nesting beyond the limit, counted over arrays and objects", () => {
    expect(read('[{"a":[]}]', { depthMax: 3 }).ok).toBe(true);
    expect(read('[{"a":[]}]', { depthMax: 2 })).toEqual(refused("JSON_TOO_DEEP", 6));
    expect(read("1", { depthMax: 0 }).ok).toBe(true);
    expect(read("[]", { depthMax: 0 })).toEqual(refused("JSON_TOO_DEEP", 0));
  });

  test("a million open brackets, whatever the limit is", () => {
    expect(read("[".repeat(1_000_000), { depthMax: Number.POSITIVE_INFINITY })).toMatchObject(
      refused("JSON_SYNTAX"),
    );
    expect(read('{"a":'.repeat(100_000))).toMatchObject(refused("JSON_TOO_DEEP"));
  });

  test("an array longer than the limit", () => {
    expect(read("[1,2,3]", { arrayLengthMax: 3 }).ok).toBe(true);
    expect(read("[1,2,3,4]", { arrayLengthMax: 3 })).toEqual(refused("ARRAY_TOO_LONG", 8));
  });

  test("an object of more names than the limit", () => {
    const names = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":0`).join(",")}}`;
    expect(read(names(LIMITS.membersMax)).ok).toBe(true);
    expect(read(names(LIMITS.membersMax + 1))).toMatchObject(refused("ARRAY_TOO_LONG"));
  });

  test("nothing else than JSON.parse does, but for names, halves and limits", () => {
    const soup = fc.string({
      unit: fc.constantFrom(...'[]{}",:\\u0019eE+-. \ntruefalsn'.split("")),
      maxLength: 12,
    });
    fc.assert(
      fc.property(soup, (text) => {
        const result = read(text);
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        if (result.ok) expect(parsed).toBe(true);
        else if (result.fault.code === "JSON_SYNTAX") expect(parsed).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("readPlainJson", () => {
  test("reads text and bytes alike", () => {
    expect(readPlainJson('{"a":[1,null,"x"]}')).toEqual({ ok: true, value: { a: [1, null, "x"] } });
    expect(readPlainJson(bytesOf("-0"))).toEqual({ ok: true, value: -0 });
  });

  test("members named like parts of a prototype are members and nothing else", () => {
    const result = readPlainJson('{"__proto__":{"admin":true},"constructor":1}');
    if (!result.ok) throw new Error(result.fault.code);
    const value = result.value as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(value.admin).toBeUndefined();
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  test("refuses a number that no double can hold, and says where", () => {
    expect(readPlainJson('{"a":1e400}')).toEqual(refused("JSON_SYNTAX", 5));
  });

  test("refuses text with half a surrogate pair, and bytes that are not UTF-8", () => {
    expect(readPlainJson('"é\ud800"')).toEqual(refused("JSON_NOT_UTF8", 3));
    expect(readPlainJson(Uint8Array.from([0x22, 0xff, 0x22]))).toEqual(refused("JSON_NOT_UTF8", 1));
  });

  test("refuses what is deeper than a document may be", () => {
    expect(readPlainJson("[".repeat(65) + "]".repeat(65))).toEqual(refused("JSON_TOO_DEEP", 64));
  });
});

describe("toNode", () => {
  test("writes what ECMAScript writes", () => {
    const value = { a: [1e21, 0.1, -5, "é\n\u2028"], b: { c: null, d: true } };
    expect(writeJson(toNode(value))).toBe(JSON.stringify(value));
  });

  test("refuses infinities, NaN and half a surrogate pair", () => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN, "\ud800", { "\udc00": 1 }]) {
      expect(() => toNode(value)).toThrow();
    }
  });
});

describe("fromNode", () => {
  test("takes the nearest double, and an infinity beyond the range", () => {
    const doubles = ["1e400", "12345678901234567890", "-0"].map((raw) => fromNode({ kind: "number", raw }));
    expect(doubles).toEqual([Number.POSITIVE_INFINITY, 12345678901234567000, -0]);
  });
});
