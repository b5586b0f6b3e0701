import { describe, expect, test } from "vitest";
import { endOfNumber, readString, skipSpace } from "../../src/kernel/json-token.ts";

test("skipSpace passes the four characters of RFC 8259 §2 and no other", () => {
  expect(skipSpace(" \t\r\n\u00a0", 0)).toBe(4);
  expect(skipSpace("\v", 0)).toBe(0);
  expect(skipSpace("  ", 1)).toBe(2);
});

describe("endOfNumber ends the number where its grammar does (RFC 8259 §6)", () => {
  test.each([
    ["0", 1],
    ["-0", 2],
    ["10.50e-07,", 9],
    ["1E+3]", 4],
    ["1e5.5", 3],
    ["1x", 1],
    ["", -1],
    ["-", -1],
    ["-x", -1],
    ["00", -1],
    ["-01", -1],
    [".5", -1],
    ["1.", -1],
    ["1.e1", -1],
    ["1e", -1],
    ["1e-", -1],
    ["٣", -1],
  ])("%j at %i", (text, end) => {
    expect(endOfNumber(text, 0)).toBe(end);
  });
});

describe("readString decodes a token (RFC 8259 §7)", () => {
  test.each([
    ['""', "", 2],
    ['"a\u007f\u2028"x', "a\u007f\u2028", 5],
    [String.raw`"\"\\\/\b\f\n\r\t"`, '"\\/\b\f\n\r\t', 18],
    [String.raw`"\u0041\u00E9\uD83D\uDE00z"`, "Aé😀z", 27],
  ])("%j", (text, value, end) => {
    expect(readString(text, 0)).toEqual({ value, end });
  });

  test.each([
    ['"', 1],
    ['"ab', 3],
    ['"a\tb"', 2],
    ['"a\\', 2],
    ['"\\v"', 1],
    ['"\\u12g4"', 1],
    ['"\\u 123"', 1],
    ['"\\U0041"', 1],
    ['"\\__proto__"', 1],
  ])("%j is refused at %i", (text, at) => {
    expect(readString(text, 0)).toBe(at);
  });
});
