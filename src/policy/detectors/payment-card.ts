import { keepsGs1, keepsLuhn } from "./check-digits.ts";
import type { Probe } from "./probe.ts";

/** Issuers' prefixes (ISO/IEC 7812-1) with the lengths that they give out. */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  // Visa
  [/^4/, [13, 16, 19]],
  // Mastercard
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  // American Express
  [/^3[47]/, [15]],
  // Diners Club
  [/^(?:30[0-5]|3[689])/, [14, 16, 19]],
  // Discover
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]],
  // JCB
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  // UnionPay
  [/^62/, [16, 17, 18, 19]],
  // Maestro
  [/^(?:50|5[6-8]|6304|6759|676[1-3])/, [13, 14, 15, 16, 17, 18, 19]],
];

const DIGITS_MAX = 19;

/** GTIN-13 and GLN, GTIN-14, SSCC: one in ten of them would pass for a card by chance. */
const GS1_LENGTHS: ReadonlySet<number> = new Set([13, 14, 18]);

/**
 * 13 to 19 digits with the prefix and length of an issuer and the right check digit (Luhn), with single spaces or hyphens
 * between them. No card is what is a part of a decimal or of a longer hyphenated id, or has 13, 14 or 18 digits of which the
 * last is the check digit of GS1.
 */
export const PAYMENT_CARD: readonly Probe[] = [
  {
    start: /(?<![A-Za-z0-9_]|[0-9][.,]|[A-Za-z0-9]-)[2-6]/gu,
    reach: 40,
    find: (piece) => {
      const run = /^\d(?:[ -]?\d){12,}/.exec(piece)?.[0] ?? "";
      let digits = "";
      for (let at = 0; at < run.length && digits.length < DIGITS_MAX; at++) {
        const character = run.charAt(at);
        if (character !== " " && character !== "-") digits += character;
        if (isCard(digits) && isApart(piece.slice(at + 1))) return digits;
      }
      return undefined;
    },
  },
];

const isApart = (behind: string): boolean => !/^(?:[A-Za-z0-9_]|[.,][0-9]|-[A-Za-z0-9])/.test(behind);

function isCard(digits: string): boolean {
  if (digits.length < 13) return false;
  const isIssued = ISSUERS.some(
    ([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits),
  );
  if (!isIssued || !keepsLuhn(digits)) return false;
  return !GS1_LENGTHS.has(digits.length) || !keepsGs1(digits);
}
