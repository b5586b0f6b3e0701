import { gs1CheckDigit, keepsGs1 } from "./check-digits.ts";
import type { Probe } from "./probe.ts";

/** GS1 prefixes that name no company: used within shops, coupons, not given out, serials and books. */
const NO_COMPANY = /^(?:02|04|05|1[4-9]|2|9[79]|98[0-4])/;
const DIGITS = /^\d{13}(?![A-Za-z0-9]|[.,][0-9])/u;
/** EPC Tag Data Standard §6.3.3, §6.3.14: company prefix and reference have 12 digits together; the check digit is left out. */
const URN = /^urn:epc:(?:id|idpat|tag):(?:sgln|pgln)(?:-\d{2,3}:\d)?[:.](\d{6,12})\.(\d{0,6})(?!\d)/i;

/**
 * Global location numbers: 13 digits with the check digit of GS1 and a prefix that a company may have, and the same inside the
 * EPC URNs of places and parties (`sgln`, `pgln`). The number of an article (GTIN-13, EAN) looks the same and counts too; one
 * number in ten of 13 digits, such as a time in ms before 2014, has the right check digit by chance.
 */
export const GLN: readonly Probe[] = [
  {
    start: /(?<![A-Za-z0-9]|[0-9][.,])[0-9]/gu,
    reach: 15,
    find: (piece) => {
      const found = DIGITS.exec(piece)?.[0];
      return found !== undefined && keepsGs1(found) && !NO_COMPANY.test(found) ? found : undefined;
    },
  },
  {
    start: /urn:epc:/gi,
    reach: 48,
    find: (piece) => {
      const [, company = "", reference = ""] = URN.exec(piece) ?? [];
      const digits = company + reference;
      return digits.length === 12 ? `${digits}${gs1CheckDigit(digits)}` : undefined;
    },
  },
];
