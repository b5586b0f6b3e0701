/** A regular expression as the analysis sees it: sets of characters, and how they follow each other. */
export type PatternNode =
  | { readonly kind: "set"; readonly set: bigint }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly branches: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly of: PatternNode; readonly min: number; readonly max: number };

/** One bit for each ASCII character, and one for all others together. */
const OTHERS = 128;
const EVERYTHING = (1n << BigInt(OTHERS + 1)) - 1n;

const bit = (code: number): bigint => 1n << BigInt(Math.min(code, OTHERS));
const range = (from: number, to: number): bigint => {
  let set = 0n;
  for (let code = from; code <= Math.min(to, OTHERS); code++) set |= bit(code);
  return set;
};
const chars = (text: string): bigint =>
  [...text].reduce((set, each) => set | bit(each.codePointAt(0) ?? 0), 0n);

const DIGIT = range(0x30, 0x39);
const WORD = DIGIT | range(0x41, 0x5a) | range(0x61, 0x7a) | chars("_");
// Outside ASCII there are spaces and others: the one bit stands for both.
const SPACE = chars(" \t\n\r\v\f") | bit(OTHERS);
const NOT_SPACE = (EVERYTHING & ~SPACE) | bit(OTHERS);
const LINE = EVERYTHING & ~chars("\n\r");

/** Letter after a backslash → what it matches. */
const CLASSES: Readonly<Record<string, bigint>> = {
  d: DIGIT,
  D: EVERYTHING & ~DIGIT,
  w: WORD,
  W: EVERYTHING & ~WORD,
  s: SPACE,
  S: NOT_SPACE,
  t: chars("\t"),
  n: chars("\n"),
  r: chars("\r"),
  v: chars("\v"),
  f: chars("\f"),
  0: bit(0),
};

const EMPTY: PatternNode = { kind: "sequence", parts: [] };

/** Reads a pattern that ECMA-262 accepts with the flag `u`. */
export class PatternReader {
  readonly #text: string;
  #at = 0;
  /** What stands in assertions, which are expressions of their own. */
  readonly assertions: PatternNode[] = [];
  /** Does it refer back to a group? Then no analysis of this kind holds. */
  refersBack = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): PatternNode {
    return this.#choice();
  }

  #choice(): PatternNode {
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    return { kind: "choice", branches };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#text.length && this.#peek() !== "|" && this.#peek() !== ")") {
      parts.push(this.#quantified(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #atom(): PatternNode {
    const first = this.#next();
    if (first === "(") return this.#group();
    if (first === "[") return { kind: "set", set: this.#class() };
    if (first === ".") return { kind: "set", set: LINE };
    if (first === "^" || first === "$") return EMPTY;
    if (first !== "\\") return { kind: "set", set: chars(first) };
    if (this.#take("b") || this.#take("B")) return EMPTY;
    if (/[1-9k]/.test(this.#peek())) this.refersBack = true;
    return { kind: "set", set: this.#escape() };
  }

  #group(): PatternNode {
    const assertion = /^\?<?[=!]/.exec(this.#text.slice(this.#at));
    const opening = assertion ?? /^\?(:|<[^>]*>|[a-z-]*:)/.exec(this.#text.slice(this.#at));
    this.#at += opening?.[0].length ?? 0;
    const inner = this.#choice();
    this.#take(")");
    if (assertion === null) return inner;
    this.assertions.push(inner);
    return EMPTY;
  }

  #quantified(of: PatternNode): PatternNode {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.#text.slice(this.#at));
    if (found === null) return of;
    this.#at += found[0].length;
    // Lazy or not makes no difference to how many ways there are.
    this.#take("?");
    const [symbol, low = "0", comma, high = ""] = found;
    if (symbol === "*") return { kind: "repeat", of, min: 0, max: Number.POSITIVE_INFINITY };
    if (symbol === "+") return { kind: "repeat", of, min: 1, max: Number.POSITIVE_INFINITY };
    if (symbol === "?") return { kind: "repeat", of, min: 0, max: 1 };
    const min = Number(low);
    if (comma === "") return { kind: "repeat", of, min, max: min };
    return { kind: "repeat", of, min, max: high === "" ? Number.POSITIVE_INFINITY : Number(high) };
  }

  #class(): bigint {
    const negated = this.#take("^");
    let set = 0n;
    while (this.#at < this.#text.length && !this.#take("]")) {
      const low = this.#classAtom();
      const upTo = this.#peek() === "-" && this.#text[this.#at + 1] !== "]";
      if (upTo) this.#at++;
      set |= upTo ? range(lowest(low), highest(this.#classAtom())) : low;
    }
    return negated ? (EVERYTHING & ~set) | bit(OTHERS) : set;
  }

  #classAtom(): bigint {
    const first = this.#next();
    return first === "\\" ? this.#escape() : chars(first);
  }

  /** After the backslash. */
  #escape(): bigint {
    const rest = this.#text.slice(this.#at);
    const property = /^[pP]\{[^}]*\}/.exec(rest);
    const code = /^(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(rest);
    const found = property ?? code;
    if (found !== null) {
      this.#at += found[0].length;
      // What a property of Unicode matches is not worked out: it may be anything.
      if (code === null) return EVERYTHING;
      return bit(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "0", 16));
    }
    const letter = this.#next();
    return CLASSES[letter] ?? chars(letter);
  }

  #peek(): string {
    return this.#text[this.#at] ?? "";
  }

  #next(): string {
    const code = this.#text.codePointAt(this.#at) ?? 0;
    const found = String.fromCodePoint(code);
    this.#at += found.length;
    return found;
  }

  #take(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at++;
    return true;
  }
}

function lowest(set: bigint): number {
  let code = 0;
  while (code < OTHERS && (set & bit(code)) === 0n) code++;
  return code;
}

function highest(set: bigint): number {
  let code = OTHERS;
  while (code > 0 && (set & bit(code)) === 0n) code--;
  return code;
}
