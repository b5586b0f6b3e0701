import type { Probe } from "./probe.ts";

/** ITU-T E.164, list of assigned country codes. */
const COUNTRY =
  /^(?:1|7|2(?:[07]|1[1-368]|[2-6]\d|9[01789])|3(?:[0-469]|[57]\d|8[0-35-79])|4(?:[013-9]|2[013])|5(?:[1-8]|[09]\d)|6(?:[0-6]|7[02-9]|8\d|9[0-2])|8(?:[1246]|0[08]|5[02356]|7[08]|8[0-368])|9(?:[0-58]|6[0-8]|7[0-79]|9[2-8]))/;

/** Digits with at most three of these between two of them. */
const DIGITS = /^\+? ?\(?\d(?:[ ()./-]{0,3}\d)*/;

/** In characters; `+` and seven digits. */
const LENGTH_MIN = 8;

/** A number within a country, in its usual groups. Dates, and ids without such groups, are none. */
const NATIONAL: readonly RegExp[] = [
  // 089/1234567, 0711/12 34-56
  /^0[1-9]\d{1,4}\/ ?\d{4,8}(?:[ -]?\d{1,4}){0,2}$/,
  /^0[1-9]\d{1,4}\/ ?\d{2,3}(?: \d{2,3}){1,3}$/,
  // (089) 1234567, (0711) 12 34 56
  /^\(0[1-9]\d{1,4}\) ?\d{4,8}(?:[ -]\d{1,4}){0,2}$/,
  /^\(0[1-9]\d{1,4}\) ?\d{2,4}(?:[ -]\d{2,4}){1,3}$/,
  // 01 23 45 67 89
  /^0[1-9]([ .-])\d\d(?:\1\d\d){3}$/,
  // 0151 23456789, 01234-567890
  /^0[1-9]\d{2,3}[ -]\d{6,8}$/,
  // 020 7946 0958, 0161 496 0000
  /^0[1-9]\d{1,2} \d{3,4} \d{4}$/,
  // (212) 555-0123, 212.555.0123
  /^\([2-9]\d\d\) ?[2-9]\d\d[-. ]\d{4}$/,
  /^[2-9]\d\d([-. ])[2-9]\d\d\1\d{4}$/,
];

/** What may not stand before a number, because it is then a part of something longer. */
const APART = "(?<![A-Za-z0-9_.,/%#+-]|[0-9][:=])";

/**
 * Telephone numbers in three forms. International: `+`, an assigned country code and 7 to 15 digits in all (E.164), also in
 * groups, not a decimal such as `+4912345.50`. The same with `00`, where digits without groups count with 10 to 13 behind the
 * `00` and outside of North America, where nobody writes so. National: at least 8 digits, by the usual groups of Germany and its
 * neighbours, France, Britain and North America, with trunk 0 or the area code in brackets. Plain digits, dates and times are
 * none; part numbers that are grouped just so can't be told apart and count.
 */
export const PHONE: readonly Probe[] = [
  { start: /(?<![A-Za-z0-9+])\+/gu, reach: 40, find: (piece) => first(piece, isInternational) },
  {
    start: new RegExp(`${APART}00(?=[ (1-9])`, "gu"),
    reach: 42,
    find: (piece) => first(`+${piece.slice(2)}`, (text) => isInternational(text) && isPlausible(text)),
  },
  {
    start: new RegExp(`${APART}(?:0[1-9]|[(][02-9]|[2-9][0-9][0-9][-. ])`, "gu"),
    reach: 32,
    find: (piece) => first(piece, (text) => NATIONAL.some((form) => form.test(text))),
  },
];

/** The longest beginning that ends with a group of digits and is a number, digits only. */
function first(piece: string, isNumber: (text: string) => boolean): string | undefined {
  const run = DIGITS.exec(piece)?.[0] ?? "";
  if (/^[A-Za-z0-9_]/u.test(piece.slice(run.length))) return undefined;
  if (run.length < LENGTH_MIN || /^\+?\d+\.\d+$/.test(run)) return undefined;
  const ends = [...run.matchAll(/\d(?!\d)/g)].map(({ index }) => index + 1).reverse();
  const end = ends.find((each) => isNumber(run.slice(0, each)));
  return end === undefined ? undefined : run.slice(0, end).replaceAll(/[^\d+]/g, "");
}

function isInternational(text: string): boolean {
  const digits = text.replace("(0)", "").replaceAll(/\D/g, "");
  if (digits.length < 7 || digits.length > 15) return false;
  const rest = digits.replace(COUNTRY, "");
  if (rest.length === digits.length) return false;
  return digits.startsWith("1") ? /^[2-9]\d{9}$/.test(rest) : !rest.startsWith("00");
}

/** Ids with points begin with 00 too. Of Italy's numbers alone, many begin with 0. */
function isPlausible(text: string): boolean {
  if (text.includes(".")) return false;
  if (!/^\+\d+$/.test(text)) return true;
  const rest = text.slice(1).replace(COUNTRY, "");
  const isNational = !rest.startsWith("0") || text.startsWith("+39");
  return isNational && !text.startsWith("+1") && text.length >= 11 && text.length <= 14;
}
