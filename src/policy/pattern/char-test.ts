/** Is the code point one that the set means? */
export type CharTest = (code: number) => boolean;

const ASCII = 128;

/**
 * The set that one atom of a pattern means: a class, an escape, a dot, a character. What it means is the platform's business,
 * which is asked about single characters only and can't take long over one; for ASCII it is asked once.
 */
export function charTest(atom: string): CharTest {
  const one = new RegExp(`^${atom}$`, "u");
  const ascii = Uint8Array.from({ length: ASCII }, (_, code) => Number(one.test(String.fromCharCode(code))));
  return (code) => (code < ASCII ? ascii[code] === 1 : one.test(String.fromCodePoint(code)));
}

/** ECMA-262 §22.2.2.9.3, without the flag `i`: what `\b` takes for a part of a word. */
export const isWordChar: CharTest = charTest("\\w");
