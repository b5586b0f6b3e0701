/** What a screen can look for. Every detector takes linear time in the bytes of the text. */
export const DETECTORS = [
  "email",
  "phone",
  "iban",
  "payment-card",
  "vin",
  "bpn",
  "gln",
  "private-key",
  "token",
  "internal-host",
] as const;
export type DetectorName = (typeof DETECTORS)[number];

/** What becomes of a value in which something was found, weakest first. A value that its own action treats stricter keeps that. */
export const SCREEN_OUTCOMES = ["pseudonymize", "null", "drop", "deny"] as const;
export type ScreenOutcome = (typeof SCREEN_OUTCOMES)[number];

/** Looks for what must not leave inside a value that may. Data like all of a plan. */
export interface Screen {
  /** The rule that demands it, `bundle/module`. */
  readonly by: string;
  readonly detectors: readonly DetectorName[];
  /**
   * Literal texts to look for besides: names of companies, canaries, suffixes of internal hosts. Found in any case, where no
   * letter or digit stands directly before or behind.
   */
  readonly words: readonly string[];
  /** Texts that are no finding, though a detector names them: the ids of the two parties. Compared without case. */
  readonly except: readonly string[];
  readonly outcome: ScreenOutcome;
}
