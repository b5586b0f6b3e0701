import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { Secret } from "../kernel/secret.ts";
import type { KeyRing } from "./key-ring.ts";

/** Enough for one command's request; the server takes none that says it lives longer. */
const LIFETIME_SECONDS = 60;

/**
 * A token that says: the operator of this company speaks (RFC 7519, EdDSA by the operator key alone). Issuer and audience
 * are both the company, so that the token of one gateway is worth nothing at another. `now` in ms since 1970.
 */
export async function operatorToken(
  ring: Pick<KeyRing, "operatorKey">,
  company: string,
  now: number,
): Promise<Secret> {
  const issued = Math.floor(now / 1000);
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "EdDSA", typ: "tiermesh-operator+jwt" })
    .setIssuer(company)
    .setAudience(company)
    .setSubject("operator")
    .setJti(randomUUID())
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFETIME_SECONDS)
    .sign(ring.operatorKey);
  return new Secret(token);
}
