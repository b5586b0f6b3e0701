/** Where a token of the text ends; -1 when there is none that the grammar allows. Indexes count UTF-16 code units. */
const NONE = -1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;

/** RFC 8259 §7: the character after the backslash → what the two stand for. `u` has four hex digits more. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** RFC 8259 §2: space, tab, line feed, carriage return, and no other. Returns the index of what follows. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at;
    at++;
  }
}

/** RFC 8259 §6: `-`? int frac? exp?. Returns the index after the longest number that begins at `from`, or -1. */
export function endOfNumber(text: string, from: number): number {
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from;
  const first = at;
  at = skipDigits(text, at);
  if (at === first || (text.charCodeAt(first) === ZERO && at > first + 1)) return NONE;
  if (text.charCodeAt(at) === POINT) {
    const fraction = at + 1;
    at = skipDigits(text, fraction);
    if (at === fraction) return NONE;
  }
  if (text[at] === "e" || text[at] === "E") {
    const sign = text[at + 1];
    const exponent = sign === "+" || sign === "-" ? at + 2 : at + 1;
    at = skipDigits(text, exponent);
    if (at === exponent) return NONE;
  }
  return at;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

// A charCodeAt beyond the end is NaN, which compares false.
const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;

/** A string token: decoded characters, and the index after the closing quote. */
export interface StringToken {
  readonly value: string;
  readonly end: number;
}

/** RFC 8259 §7. `from` is the index of the opening quote. A number is the index of what the grammar forbids. */
export function readString(text: string, from: number): StringToken | number {
  let value = "";
  let plain = from + 1;
  let at = plain;
  for (;;) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return { value: value + text.slice(plain, at), end: at + 1 };
    if (unit === BACKSLASH) {
      const escaped = readEscape(text, at + 1);
      if (escaped === undefined) return at;
      value += text.slice(plain, at) + escaped.value;
      at = escaped.end;
      plain = at;
    } else if (unit >= 0x20) at++;
    else return at; // A control character; or NaN, the end of the text.
  }
}

function readEscape(text: string, at: number): StringToken | undefined {
  const letter = text[at] ?? "";
  const value = ESCAPES.get(letter);
  if (value !== undefined) return { value, end: at + 1 };
  const digits = text.slice(at + 1, at + 5);
  if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
  return { value: String.fromCharCode(Number.parseInt(digits, 16)), end: at + 5 };
}
