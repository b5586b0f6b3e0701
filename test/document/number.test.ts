import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesValue } from "../../src/document/number.ts";

describe("a number as written", () => {
  it.each([
    "0.1",
    "1.10",
    "1E+3",
    "-0",
    "+12",
    ".5",
    "1.",
    "1000000000000000000000",
    "9007199254740992",
    "0x1F",
    "0o17",
  ])("%s stays itself as a double", (text) => {
    expect(changesValue(text, Number(text))).toBe(false);
  });

  it.each(["9007199254740993", "0.10000000000000000001", "12345678901234567891", "0xFFFFFFFFFFFFFFFF"])(
    "%s becomes another one",
    (text) => {
      expect(changesValue(text, Number(text))).toBe(true);
    },
  );

  it("that a double wrote stays itself", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (value) => !changesValue(String(value), value),
      ),
    );
  });
});
