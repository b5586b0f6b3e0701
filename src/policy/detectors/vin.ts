import { vinCheckCharacter } from "./check-digits.ts";
import type { Probe } from "./probe.ts";

const VIN_FORM = /^(?=.{0,16}[A-Z])[A-HJ-NPR-Z0-9]{13}[0-9]{4}(?![A-Za-z0-9])/u;
/** ISO 3780: regions S to Z are Europe. Of the three characters that name the maker, at least two are letters there. */
const EUROPEAN = /^[S-Z](?:[A-HJ-NPR-Z][A-HJ-NPR-Z0-9]|[0-9][A-HJ-NPR-Z])/;

/**
 * Vehicle identification numbers (ISO 3779): 17 digits and letters without I, O and Q, in any case, with at least one letter and
 * four digits at the end. Besides, either the check character of 49 CFR 565.15 is right (North America, China, and many others),
 * or the maker's code is a European one, since Europe knows no check character. What fills the places with O or I is none.
 */
export const VIN: readonly Probe[] = [
  {
    start: /(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]/gu,
    reach: 18,
    find: (piece) => {
      const found = VIN_FORM.exec(piece.toUpperCase())?.[0];
      if (found === undefined) return undefined;
      return vinCheckCharacter(found) === found[8] || EUROPEAN.test(found) ? found : undefined;
    },
  },
];
