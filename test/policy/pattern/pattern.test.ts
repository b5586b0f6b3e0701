import fc from "fast-check";
import { assert, describe, expect, it } from "vitest";
import { INSTRUCTIONS_MAX, PATTERN_LENGTH_MAX, Pattern } from "../../../src/policy/pattern/pattern.ts";
import { anyPattern, anyShortText, anyText } from "./arbitrary.ts";

function read(source: string): Pattern {
  const pattern = Pattern.read(source);
  assert(pattern.ok, source);
  return pattern.value;
}

const faultOf = (source: string): string | undefined => {
  const pattern = Pattern.read(source);
  return pattern.ok ? undefined : pattern.fault;
};

describe("a pattern", () => {
  it.each([
    [
      "^BPNL[0-9A-Z]{12}$",
      ["BPNL00000003AYRE"],
      ["BPNL00000003AYR", "xBPNL00000003AYRE", "BPNL00000003AYREx"],
    ],
    ["b", ["b", "abc"], ["", "a"]],
    ["", ["", "a"], []],
    ["^$", [""], ["a", "\n"]],
    ["a|^b|c$", ["xa", "bx", "xc"], ["xb", "cx"]],
    ["^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$", ["2024-12"], ["2024-13", "２024-12"]],
    ["^\\p{L}+ [\\]\\\\-]*$", ["äö ]\\-"], ["1 ]"]],
    ["^.$", ["😀", "\ud83d"], ["\u2029", "\r", "ab"]],
    ["^\\u{1F600}\\ud83d\\ude00[😀-😎]$", ["😀😀😁"], ["😀😀"]],
    ["\\bis\\b", ["this is it", "is"], ["this", "is_"]],
    ["^\\Bx", [], ["x"]],
    ["^a{0}b$", ["b"], ["ab"]],
    ["^[ab]{2,3}b$", ["abb", "bbb", "abab"], ["ab", "ababa", "ababb"]],
    ["^a{2,}$", ["aa", "aaaaa"], ["a"]],
    ["^(ab){2,3}$", ["abab", "ababab"], ["ab", "abababab"]],
    ["[ab]{3}c", ["aababc"], ["aac", "ab-abc"]],
    ["^(a*)*$", ["", "aaa"], ["b"]],
    ["^(?:a?){3}$", ["", "aa"], ["aaaa"]],
  ])("%s matches what it says", (source, yes, no) => {
    const pattern = read(source);
    expect(yes.filter((text) => !pattern.test(text) || !pattern.run(text).matches)).toEqual([]);
    expect(no.filter((text) => pattern.test(text) || pattern.run(text).matches)).toEqual([]);
  });

  /**
   * The platform's matcher at the start of each character (ECMA-262, RegExpBuiltinExec with the flag u): left to search by itself it
   * finds \B between the halves of a surrogate pair too, where no character begins.
   */
  const isMatched = (source: string, text: string): boolean => {
    const sticky = new RegExp(source, "uy");
    let place = 0;
    for (const character of [...text, ""]) {
      sticky.lastIndex = place;
      if (sticky.test(text)) return true;
      place += character.length;
    }
    return false;
  };

  it("matches what the platform's own matcher does", () => {
    fc.assert(
      fc.property(anyPattern, fc.array(anyShortText, { minLength: 1, maxLength: 8 }), (source, texts) => {
        fc.pre(faultOf(source) === undefined);
        const pattern = read(source);
        for (const text of texts) {
          const matches = isMatched(source, text);
          expect([pattern.run(text).matches, pattern.test(text)]).toEqual([matches, matches]);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the steps of a pattern", () => {
  it.each([
    ["(a+)+$", "a", 16],
    ["(.*a){20}", "b", 8],
    ["(.*a){20}$", "a", 122],
    ["(a|a)*b", "a", 13],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", 19],
    ["(x+x+)+y", "x", 29],
    ["^[^b]{0,5000}$", "a", 1],
    ["(?:[ab]{1,900}a){3}$", "a", 14],
  ])("%s on 100,000 times “%s” are at most %i for each character", (source, character, most) => {
    const pattern = read(source);
    const steps = (length: number): number => pattern.run(`${character.repeat(length)}!`).steps;
    expect(steps(100_000)).toBeLessThanOrEqual(most * 100_000);
    expect(steps(100_000) / steps(50_000)).toBeLessThan(2.1);
  });

  it("are never more than what is promised", () => {
    fc.assert(
      fc.property(anyPattern, anyText, (source, text) => {
        fc.pre(faultOf(source) === undefined);
        expect(read(source).run(text).steps).toBeLessThanOrEqual(
          2 * INSTRUCTIONS_MAX * ([...text].length + 1),
        );
      }),
    );
  });

  it("end where no match can begin any more", () => {
    expect(read("^a").run("b".repeat(1000)).steps).toBeLessThan(10);
  });

  it("are those of the engine wherever the platform's matcher might go through a text more than a few times", () => {
    const pattern = read("^(a+)+$");
    expect(pattern.test(`${"a".repeat(5000)}!`)).toBe(false);
    expect(read("^(?:a|a){40}$").test(`${"a".repeat(40)}!`)).toBe(false);
    expect(read("^(?:a|a|a|a){25}$").test(`${"a".repeat(25)}!`)).toBe(false);
    expect(read("[ab]{100000}c").test("a".repeat(1_000_000))).toBe(false);
    expect(read("^(?:a?){40}b$").test("a".repeat(40))).toBe(false);
  });
});

describe("a pattern that is not run", () => {
  it.each([
    ["is not one of ECMA-262", "(a", /ECMA-262/],
    ["is none with the flag u", "\\%", /flag u/],
    ["refers back", "x(a)\\1", /refers back to a group at character 5/],
    ["refers back by name", "(?<a>a)\\k<a>", /refers back to a group at character 8/],
    ["looks ahead", "^(?=a)", /looks ahead or behind at character 2/],
    ["looks ahead for what is not there", "a(?!a)b", /at character 2/],
    ["looks behind", "(?<=a)b", /at character 1/],
    ["looks behind for what is not there", "((?<!a)b)", /at character 2/],
    ["changes flags", "(?i:a)", /changes flags at character 1/],
    ["is too long", "a".repeat(PATTERN_LENGTH_MAX + 1), /1024 characters/],
    ["becomes too large", "((a{9}b){9}c){90}", /more than 500 steps/],
    ["becomes endlessly large", "((((a|b){99999}){99999}){99999}){99999}", /more than 500 steps/],
    ["repeats nothing for ever", "((?:){999999}){999999}", /more than 500 steps/],
  ])("%s is refused, and why is said", (_what, source, fault) => {
    expect(faultOf(source)).toMatch(fault);
  });

  it("is not mistaken for one because of what stands in a class or behind a backslash", () => {
    expect(["[(?=a]", "\\(?=a", "[\\]()]\\\\(a)", "\\[(a)\\]"].map(faultOf)).toEqual(
      Array(4).fill(undefined),
    );
  });
});
