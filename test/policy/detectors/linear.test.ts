import { describe, expect, it } from "vitest";
import { DETECTORS } from "../../../src/kernel/screen.ts";
import { hasFinding, PROBES } from "../../../src/policy/detectors/detectors.ts";
import { findings, type Probe } from "../../../src/policy/detectors/probe.ts";
import { WordSearch } from "../../../src/policy/detectors/word-search.ts";

const MIB = 2 ** 20;
const probes = DETECTORS.flatMap((detector) => PROBES[detector].map((probe) => [detector, probe] as const));

/** Texts that begin to look like something at every turn. */
const HOSTILE = [
  "1 ",
  "4-",
  "4111 ",
  "DE89 ",
  "a@",
  "a.",
  "eyJ.",
  "eyJa",
  "+4",
  "00 1",
  "(0",
  "BPNL ",
  "://",
  "://a:",
  "10.",
  "fd00:",
  '"d":',
  "BEGIN ",
  ".local",
  "bearer ",
  "@a.",
  "f::",
];

/** How often a probe looks closer, and whether ever at more characters than it says. */
function work(probe: Probe, text: string) {
  const { reach, before: back = 0 } = probe;
  let looks = 0;
  let tooMuch = false;
  const find = (piece: string, before: string): string | undefined => {
    looks++;
    tooMuch ||= piece.length > reach || before.length > back;
    return probe.find(piece, before);
  };
  for (const _ of findings(text, { ...probe, find }));
  return { looks, tooMuch };
}

/** Without what looks around, classes and escapes, is there a quantifier? */
const hasQuantifier = (source: string): boolean =>
  /[*+?{]/.test(
    source.replaceAll(/\\p\{\w+\}|\\.|\[(?:\\p\{\w+\}|[^\]])*\]/g, "c").replaceAll(/\(\?(?:<?[!=]|:)/g, "("),
  );

describe("what a detector costs", () => {
  it.each(probes)(
    "%s: a start is a fixed number of characters, so there are at most as many as characters",
    (_, { start }) => {
      expect(start.flags).toContain("g");
      expect(hasQuantifier(start.source)).toBe(false);
    },
  );

  it.each(["a+", "a{2}", "(?:ab)*", "[ab]?", "\\d+"])(
    "would be seen to have a start without a bound: %s",
    (source) => {
      expect(hasQuantifier(source)).toBe(true);
    },
  );

  it.each(probes)(
    "%s: looks closer as often as the text is long at most, and at bounded pieces of it",
    (_, probe) => {
      for (const piece of HOSTILE) {
        const half = work(probe, piece.repeat(1000));
        const whole = work(probe, piece.repeat(2000));
        expect([half.tooMuch, whole.tooMuch]).toEqual([false, false]);
        expect(whole.looks).toBeLessThanOrEqual(2 * half.looks + 2);
        expect(whole.looks).toBeLessThanOrEqual(2000 * piece.length);
      }
    },
  );

  it.each(HOSTILE)(
    "lets a text be looked through with all detectors and many words: %j again and again",
    (piece) => {
      const words = Array.from({ length: 300 }, (_, length) => `${piece.repeat(length)}!`);
      const text = piece.repeat(MIB / 16 / piece.length);
      expect(typeof hasFinding(text, { detectors: DETECTORS, words, except: [] })).toBe("boolean");
    },
  );

  it("lets a text of 1 MiB be looked through", () => {
    const text = HOSTILE.join("").repeat(MIB / HOSTILE.join("").length);
    expect(
      hasFinding(text, { detectors: DETECTORS, words: HOSTILE.map((piece) => `${piece}#`), except: [] }),
    ).toBe(true);
  });

  it("is bounded for accents in disorder, which are never put in order", () => {
    const text = "\u0301\u0316".repeat(MIB / 4);
    expect(hasFinding(text, { detectors: DETECTORS, words: ["a\u0301"], except: [] })).toBe(false);
  });
});

describe("a search for words", () => {
  it("finds a word whose beginning is in the midst of another", () => {
    const search = new WordSearch(["ab ab ac", "b ab ad", "ad"]);
    expect([
      search.finds("ab ab ab ac"),
      search.finds("ab ab ad"),
      search.finds("xb ab ad"),
      search.finds("abad"),
    ]).toEqual([true, true, true, false]);
  });

  it("finds a word inside another that does not go on", () => {
    expect(new WordSearch(["x-ab-cd", "ab"]).finds("x-ab c")).toBe(true);
  });

  it("finds nothing when there is nothing to look for", () => {
    expect([new WordSearch([]).finds("a"), new WordSearch(["", "\u200b"]).finds(" ")]).toEqual([
      false,
      false,
    ]);
  });

  it("knows ß and SS as one, and keeps letters with accents apart from those without", () => {
    expect(new WordSearch(["Straße"]).finds("STRASSE")).toBe(true);
    expect(new WordSearch(["Muller"]).finds("Müller")).toBe(false);
    expect(new WordSearch(["Mu\u0308ller"]).finds("MÜLLER")).toBe(true);
  });
});
