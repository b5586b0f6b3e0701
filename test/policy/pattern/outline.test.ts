import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Outline } from "../../../src/policy/pattern/outline.ts";
import { Pattern } from "../../../src/policy/pattern/pattern.ts";

function outlineOf(source: string): Outline | undefined {
  const read = Pattern.read(source);
  if (!read.ok) throw new Error(read.fault);
  return read.value.outline;
}

/** What an outline says of a text, character by character. */
function holds({ places, rest }: Outline, text: string): boolean {
  const codes = Array.from(text, (each) => each.codePointAt(0) ?? 0);
  const isLong = codes.length >= places.length && codes.length <= places.length + rest.most;
  return isLong && codes.every((code, at) => (places[at] ?? rest.has)(code));
}

const OUTLINED = [
  "^BPNL[0-9A-Z]{12}$",
  "^$",
  "^a?$",
  "^x+$",
  "^[^a-z]*$",
  "^\\d{4}-(?:\\d{2})-\\d{2}$",
  "^a(b(c))d{2,5}$",
  "^.{1,4}$",
  "^ü[ä-ü]$",
];
const OTHERS = [
  "a",
  "^a",
  "a$",
  "^a?b$",
  "^(ab)?$",
  "^(ab){2}$",
  "^(a|b)$",
  "^a*b{2}$",
  "^\\ba$",
  "^a$b$",
  "^a{65}$",
  "^a|b$",
];

describe("an outline", () => {
  test.each(OUTLINED)("of %s says of every text what the pattern says", (source) => {
    const outline = outlineOf(source);
    expect(outline).toBeDefined();
    if (outline === undefined) return;
    const native = new RegExp(source, "u");
    const texts = fc.oneof(
      fc.stringMatching(native),
      fc.string({ unit: fc.constantFrom(..."abcdx019-AZBPNL\nü🙂"), maxLength: 20 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(holds(outline, text)).toBe(native.test(text));
      }),
      { numRuns: 300 },
    );
  });

  test.each(OTHERS)("is not made of %s", (source) => {
    expect(outlineOf(source)).toBeUndefined();
  });
});
