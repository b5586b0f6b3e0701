import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Card } from "../kernel/company.ts";
import type { Json } from "../kernel/json.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { fingerprintOf } from "./public-key.ts";

/** Why a card does not follow another. */
export const SUCCESSION_FAULTS = {
  "card.company": "The card is of another company.",
  "card.serial": "The card is older than the accepted one, or another of the same serial.",
  "card.succession":
    "The card is not signed by a key of the accepted one, so that its company did not say that it follows it.",
} as const;
export type SuccessionFault = keyof typeof SUCCESSION_FAULTS;

/**
 * May `after` take the place of the accepted card `before`? Both come from `readCard`, which checked their signatures; the
 * fingerprint names the key that signed.
 */
export function checkSuccessor(before: Card, after: Card): Result<"same" | "newer", SuccessionFault> {
  if (before.id !== after.id) return failed("card.company");
  if (canonicalJson(before as unknown as Json) === canonicalJson(after as unknown as Json))
    return done("same");
  if (after.serial <= before.serial) return failed("card.serial");
  const signedByKnown = before.keys.some(
    ({ use, kid }) => use === "sig" && fingerprintOf(kid) === after.fingerprint,
  );
  return signedByKnown ? done("newer") : failed("card.succession");
}
