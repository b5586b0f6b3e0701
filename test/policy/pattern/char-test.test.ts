import { describe, expect, it } from "vitest";
import { charTest, isWordChar } from "../../../src/policy/pattern/char-test.ts";

const has = (atom: string, ...characters: readonly string[]): readonly boolean[] =>
  characters.map((character) => charTest(atom)(character.codePointAt(0) ?? 0));

describe("a set of characters", () => {
  it("is what the atom means, inside ASCII and beyond", () => {
    expect(has("[^a-z]", "a", "z", "{", "ä", "😀")).toEqual([false, false, true, true, true]);
    expect(has("\\p{L}", "a", "ä", "漢", "1", "😀")).toEqual([true, true, true, false, false]);
    expect(has(".", "a", "\n", "\u2028", "\u0085", "\ud83d")).toEqual([true, false, false, true, true]);
    expect(has("\\s", " ", "\u00a0", "\ufeff", "\u200b")).toEqual([true, true, true, false]);
  });

  it("of word characters is ASCII alone", () => {
    expect(["a", "_", "0", "-", "ä", "ſ"].map((each) => isWordChar(each.codePointAt(0) ?? 0))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
