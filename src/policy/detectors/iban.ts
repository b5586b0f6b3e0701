import { keepsMod97 } from "./check-digits.ts";
import type { Probe } from "./probe.ts";

/** SWIFT IBAN registry: length → countries. */
const COUNTRIES: Readonly<Record<number, string>> = {
  15: "NO",
  16: "BE",
  18: "DK FI FK FO GL NL SD",
  19: "MK SI",
  20: "AT BA EE KZ LT LU MN XK",
  21: "CH HR LI LV",
  22: "BG BH CR DE GB GE IE ME RS VA",
  23: "AE GI IL IQ OM SO TL",
  24: "AD CZ ES MD PK RO SA SE SK TN VG",
  25: "LY PT ST",
  26: "IS TR",
  27: "BI DJ FR GR IT MC MR SM",
  28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
  29: "BR EG PS QA UA",
  30: "JO KW MU YE",
  31: "MT SC",
  32: "LC",
  33: "RU",
};

const LENGTHS: ReadonlyMap<string, number> = new Map(
  Object.entries(COUNTRIES).flatMap(([length, countries]) =>
    countries.split(" ").map((country) => [country, Number(length)] as const),
  ),
);

/**
 * ISO 13616-1: country, two check digits (ISO/IEC 7064 MOD 97-10) and the country's length, in any case, with single spaces or
 * hyphens anywhere behind the check digits. A country that is not in the registry has none.
 */
export const IBAN: readonly Probe[] = [
  {
    start: /(?<![A-Za-z0-9])[A-Za-z][A-Za-z][0-9][0-9]/gu,
    reach: 70,
    find: (piece) => {
      const length = LENGTHS.get(piece.slice(0, 2).toUpperCase());
      if (length === undefined) return undefined;
      const found = taken(piece, length)?.toUpperCase();
      return found !== undefined && keepsMod97(found) ? found : undefined;
    },
  },
];

/** So many letters and digits from the start on, without what separates them, and not in the midst of a longer run. */
function taken(piece: string, length: number): string | undefined {
  const run = /^[A-Za-z0-9](?:[ -]?[A-Za-z0-9])*/.exec(piece)?.[0] ?? "";
  let found = "";
  let at = 0;
  for (; found.length < length && at < run.length; at++) {
    const character = run.charAt(at);
    if (character !== " " && character !== "-") found += character;
  }
  return found.length === length && !/^[A-Za-z0-9]/.test(piece.slice(at)) ? found : undefined;
}
