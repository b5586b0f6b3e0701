const FOREIGN = /[^\0-\x7f]/gu;
const INVISIBLE = /^\p{Default_Ignorable_Code_Point}$/u;
const DASH = /^\p{Dash}$/u;
const SPACE = /^\p{Zs}$/u;

/**
 * The text as detectors read it: full-width and other compatibility forms as plain ones (NFKD), any space and dash as the plain
 * one, and nothing that can't be seen (zero-width, soft hyphen, direction marks). Character by character: normalising the whole
 * would put runs of accents in order, which takes more than linear time. Letters of other scripts that look Latin stay what
 * they are, and what is encoded (base64, percent, escapes) stays encoded.
 */
export function plainText(text: string): string {
  return text.replace(FOREIGN, plainForm);
}

/** The same without case, for texts that are compared: `ß` and `SS` are one. */
export function caseless(text: string): string {
  return plainText(text).toLowerCase().replace(FOREIGN, foldCase);
}

function plainForm(character: string): string {
  if (INVISIBLE.test(character)) return "";
  const plain = character.normalize("NFKD");
  if (DASH.test(plain)) return "-";
  return SPACE.test(plain) ? " " : plain;
}

const foldCase = (character: string): string => character.toUpperCase().toLowerCase();
