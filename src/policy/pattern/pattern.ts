import { done, failed, type Result } from "../../kernel/result.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { type Instruction, programOf, sizeOf } from "./program.ts";
import { Search } from "./search.ts";
import { type PatternNode, PatternReader } from "./syntax.ts";

/** In UTF-16 code units. */
export const PATTERN_LENGTH_MAX = 1024;
/** The most that one character of a text can cost, in steps. */
export const INSTRUCTIONS_MAX = 500;
/** With so few ways through it, the platform's own matcher may try them all, and is far quicker. */
const WAYS_MAX = 32;

/**
 * A pattern of JSON Schema (2020-12 core §6.4: ECMA-262 with the flag `u`) that takes time linear in the text, whatever the text
 * and the pattern. It knows all of the dialect but what looks around or back: no bound is known for that.
 */
export class Pattern {
  /** Undefined: the pattern has none. */
  readonly outline: Outline | undefined;
  readonly #program: readonly Instruction[];
  readonly #startsOnly: boolean;

  /** For patterns whose ways can be counted: from one place, each costs at most the pattern's length. */
  readonly #native: RegExp | undefined;

  private constructor(source: string, tree: PatternNode) {
    this.#program = programOf(tree);
    this.outline = outlineOf(tree);
    this.#startsOnly = startsOnly(tree);
    this.#native = this.#startsOnly && waysOf(tree) <= WAYS_MAX ? new RegExp(source, "u") : undefined;
  }

  /** The fault is one sentence or two: where, why, and how to mend it. */
  static read(source: string): Result<Pattern, string> {
    if (source.length > PATTERN_LENGTH_MAX) {
      return failed(`The pattern has more than ${PATTERN_LENGTH_MAX} characters. Write a shorter one.`);
    }
    if (!isWellFormed(source))
      return failed("The pattern is not one of ECMA-262 with the flag u. Correct it.");
    const reader = new PatternReader(source);
    const tree = reader.read();
    if (reader.unsupported !== undefined) return failed(faultOf(reader.unsupported));
    if (sizeOf(tree) < INSTRUCTIONS_MAX) return done(new Pattern(source, tree));
    return failed(
      `Written out, the pattern has more than ${INSTRUCTIONS_MAX} steps. Lower the numbers in braces behind groups.`,
    );
  }

  /** Does the pattern match anywhere in the text? */
  test(text: string): boolean {
    return this.#native?.test(text) ?? this.run(text).matches;
  }

  /** The same by the engine alone, with the steps it took: never more than 2 × {@link INSTRUCTIONS_MAX} for each code point and the end. */
  run(text: string): { readonly matches: boolean; readonly steps: number } {
    const search = new Search(this.#program, this.#startsOnly);
    const matches = search.find(text);
    return { matches, steps: search.steps };
  }
}

function isWellFormed(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

function faultOf({ what, at }: { readonly what: string; readonly at: number }): string {
  return `${what} at character ${at + 1}, and the time that takes can't be bounded. Say it without, or say less.`;
}

/** Must every match begin at the start of the text? */
function startsOnly(node: PatternNode): boolean {
  if (node.kind === "place") return node.place === "start";
  if (node.kind === "choice") return node.branches.every(startsOnly);
  if (node.kind === "repeat") return node.min > 0 && startsOnly(node.of);
  return node.kind === "sequence" && node.parts[0] !== undefined && startsOnly(node.parts[0]);
}

/** In how many ways can it be gone through, whatever the text? Infinite for a loop. */
function waysOf(node: PatternNode): number {
  if (node.kind === "set" || node.kind === "place") return 1;
  if (node.kind === "sequence") return node.parts.reduce((ways, part) => ways * waysOf(part), 1);
  if (node.kind === "choice") return node.branches.reduce((ways, branch) => ways + waysOf(branch), 0);
  const { of, min, max } = node;
  const ways = waysOf(of);
  if (ways === 1) return max - min + 1;
  if (max > WAYS_MAX) return Number.POSITIVE_INFINITY;
  return ways ** max * (max - min + 1);
}
