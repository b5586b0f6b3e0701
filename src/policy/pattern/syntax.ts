import { type CharTest, charTest } from "./char-test.ts";

/** What holds between two characters, and takes none. */
export type Place = "start" | "end" | "word-edge" | "no-word-edge";

/** A pattern, read. Groups are gone: nothing asks what they caught. */
export type PatternNode =
  | { readonly kind: "set"; readonly has: CharTest }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly branches: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly of: PatternNode; readonly min: number; readonly max: number };

/** What the platform reads and this engine does not, because no bound on its time is known. */
export interface Unsupported {
  readonly what: string;
  /** In UTF-16 code units. */
  readonly at: number;
}

const PLACES: Readonly<Record<string, Place>> = {
  "^": "start",
  $: "end",
  "\\b": "word-edge",
  "\\B": "no-word-edge",
};

/** Sticky: one character class, one escape, one character. The platform has seen that the pattern is well-formed. */
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/uy;
const ESCAPE =
  /\\(?:u\{[0-9a-fA-F]+\}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|[\s\S])/uy;
const CHARACTER = /[\s\S]/uy;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/uy;
const GROUP = /\((?:\?:|\?<(?![=!])[^>]*>)?/uy;

const UNSUPPORTED: readonly (readonly [opening: RegExp, what: string])[] = [
  [/\(\?<?[=!]/uy, "The pattern looks ahead or behind"],
  [/\(\?[a-z-]+:/uy, "The pattern changes flags"],
  [/\\[1-9k]/uy, "The pattern refers back to a group"],
];

const BOUNDS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  "*": [0, Number.POSITIVE_INFINITY],
  "+": [1, Number.POSITIVE_INFINITY],
  "?": [0, 1],
};

const EMPTY: PatternNode = { kind: "sequence", parts: [] };

/** Reads a pattern that ECMA-262 accepts with the flag `u`. */
export class PatternReader {
  readonly #text: string;
  #at = 0;
  /** The first thing found that the engine does not run; the rest of what was read then means nothing. */
  unsupported: Unsupported | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): PatternNode {
    const branches = [this.#sequence()];
    while (this.#text[this.#at] === "|") {
      this.#at++;
      branches.push(this.#sequence());
    }
    return branches.length === 1 && branches[0] !== undefined ? branches[0] : { kind: "choice", branches };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#text.length && !"|)".includes(this.#text[this.#at] ?? "")) {
      parts.push(this.#quantified(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #atom(): PatternNode {
    if (this.#isUnsupported()) return EMPTY;
    if (this.#take(GROUP) === undefined) return this.#single();
    const inner = this.read();
    this.#at++;
    return inner;
  }

  /** If so, nothing more is read. */
  #isUnsupported(): boolean {
    const at = this.#at;
    const found = UNSUPPORTED.find(([opening]) => this.#take(opening) !== undefined);
    if (found === undefined) return false;
    this.unsupported = { what: found[1], at };
    this.#at = this.#text.length;
    return true;
  }

  #single(): PatternNode {
    const atom = this.#take(CLASS)?.[0] ?? this.#take(ESCAPE)?.[0] ?? this.#take(CHARACTER)?.[0] ?? "";
    const place = PLACES[atom];
    return place === undefined ? { kind: "set", has: charTest(atom) } : { kind: "place", place };
  }

  #quantified(of: PatternNode): PatternNode {
    const found = this.#take(QUANTIFIER);
    if (found === undefined) return of;
    // Lazy or not makes no difference to whether there is a match.
    const [, symbol = "", low, comma, high] = found;
    const [min, max] = BOUNDS[symbol] ?? [Number(low), bound(low, comma, high)];
    return { kind: "repeat", of, min, max };
  }

  #take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }
}

function bound(low: string | undefined, comma: string | undefined, high: string | undefined): number {
  if (comma === "") return Number(low);
  return high === "" ? Number.POSITIVE_INFINITY : Number(high);
}
