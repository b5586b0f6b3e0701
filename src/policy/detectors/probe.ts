/**
 * One thing to look for. Linear by structure: `start` matches a fixed number of characters, so a text has at most as many starts
 * as characters; at each, `find` sees a bounded piece of the text, whatever else stands there. Ids are of ASCII, and next to a
 * letter or digit of ASCII they are a part of something longer; next to one of another script, which may be written without
 * spaces, they are not.
 */
export interface Probe {
  /** Where a finding may begin; global, and without a quantifier. */
  readonly start: RegExp;
  /** How many characters before the start `find` is shown; else none. */
  readonly before?: number;
  /** How many characters from the start on `find` is shown: one more than the longest finding, to see that it ends. */
  readonly reach: number;
  /** What is found there, in its shortest form; undefined when it is nothing. */
  readonly find: (piece: string, before: string) => string | undefined;
}

/** What the probe finds in the text, which is plain ({@link plainText}). */
export function* findings(text: string, { start, before = 0, reach, find }: Probe): Generator<string> {
  for (const { index } of text.matchAll(start)) {
    const found = find(text.slice(index, index + reach), text.slice(Math.max(0, index - before), index));
    if (found !== undefined) yield found;
  }
}

/** A probe for what one expression says, which begins with the start and is tried on the piece alone. */
export function shape(start: RegExp, reach: number, whole: RegExp): Probe {
  return { start, reach, find: (piece) => whole.exec(piece)?.[0] };
}
