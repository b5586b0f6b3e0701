import fc from "fast-check";

const ATOMS = [
  "a",
  "b",
  "ab",
  ".",
  "[ab]",
  "[^a]",
  "\\d",
  "\\D",
  "\\w",
  "\\W",
  "\\s",
  "\\S",
  "\\p{L}",
  "\\P{Lu}",
];
const ESCAPES = [
  "\\u0061",
  "\\u{1F600}",
  "\\ud83d\\ude00",
  "\\x62",
  "\\n",
  "\\.",
  "\\0",
  "\\cJ",
  "[\\]\\-a-c]",
  "[\\d-]",
];
const PLACES = ["^", "$", "\\b", "\\B", ""];
const QUANTIFIERS = ["*", "+", "?", "{2}", "{0,2}", "{1,}", "{3,}", "{2,4}", "{0}", "*?", "+?", "{1,3}?"];

const { pattern } = fc.letrec<{ pattern: string; term: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    fc.array(tie("term"), { maxLength: 4 }).map((terms) => terms.join("")),
    fc.array(tie("pattern"), { minLength: 1, maxLength: 3 }).map((branches) => branches.join("|")),
  ),
  term: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(...ATOMS, ...ESCAPES, ...PLACES),
    fc
      .tuple(
        fc.constantFrom("a", ...ATOMS, ...ESCAPES).filter((atom) => atom !== "ab"),
        fc.constantFrom(...QUANTIFIERS),
      )
      .map(([atom, quantifier]) => atom + quantifier),
    fc
      .tuple(fc.constantFrom("(", "(?:"), tie("pattern"), fc.constantFrom("", ...QUANTIFIERS))
      .map(([opening, inner, quantifier]) => `${opening}${inner})${quantifier}`),
  ),
}));

/** Patterns of the dialect, three groups deep. */
export const anyPattern: fc.Arbitrary<string> = pattern;

const CHARACTERS = ["a", "b", "A", "0", "_", " ", "-", ".", "\n", "\u2028", "é", "ß", "😀", "\ud83d", "\0"];

const textOf = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom("a", "b", "ab", ...CHARACTERS), { maxLength }).map((pieces) => pieces.join(""));

export const anyText = textOf(8);
/** For a backtracking matcher, to which every further character may cost ten times as much. */
export const anyShortText = textOf(5);
