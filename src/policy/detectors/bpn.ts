import type { Probe } from "./probe.ts";

const FORM = /^BPN[LSA](?:[A-Z0-9]{12}|(?:[ -][A-Z0-9]{4}){3})(?![A-Za-z0-9])/iu;

/**
 * Business partner numbers of Catena-X (CX-0010 §2): BPNL, BPNS or BPNA and 12 letters and digits, in any case, also in groups
 * of four as the standard prints them. The two check characters (ISO/IEC 7064 MOD 1271-36) are not asked for: a mistyped number
 * still names a company, and most numbers in public examples have them wrong.
 */
export const BPN: readonly Probe[] = [
  {
    start: /(?<![A-Za-z0-9])BPN[LSA]/giu,
    reach: 20,
    find: (piece) => FORM.exec(piece)?.[0].replaceAll(/[ -]/g, ""),
  },
];
