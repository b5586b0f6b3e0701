import { Buffer } from "node:buffer";
import { createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { CardKey } from "../kernel/company.ts";
import { sha256 } from "../kernel/digest.ts";

/** The one curve that each use takes (RFC 8037). */
const CURVES = { sig: "Ed25519", enc: "X25519" } as const satisfies Record<CardKey["use"], string>;

/** RFC 7638 over the required members of an OKP key (RFC 8037 §2); 32 bytes. */
export const thumbprint = ({ crv, kty, x }: CardKey["jwk"]): Buffer =>
  sha256(Buffer.from(canonicalJson({ crv, kty, x })));

/** The key as a card names it, with its thumbprint as `kid`. */
export function cardKey(use: CardKey["use"], x: string): CardKey {
  const jwk = { kty: "OKP", crv: CURVES[use], x } as const;
  return { kid: thumbprint(jwk).toString("base64url"), use, jwk };
}

/** What people compare by voice: `SHA256:` and unpadded base64 of the thumbprint, as SSH writes the keys of hosts. */
export const fingerprintOf = (kid: string): string =>
  `SHA256:${Buffer.from(kid, "base64url").toString("base64").replace(/=+$/, "")}`;

/** Is `text` the one base64url spelling (RFC 4648 §5, unpadded) of some bytes? Another spelling would be a second name for them. */
export const isCanonicalBase64url = (text: string): boolean =>
  Buffer.from(text, "base64url").toString("base64url") === text;

/** Why a key of a card is not accepted: a full sentence, or undefined when it is. */
export function publicKeyFault({ use, kid, jwk }: CardKey): string | undefined {
  if (jwk.crv !== CURVES[use]) return `A key for ${use} has the curve ${CURVES[use]}, not ${jwk.crv}.`;
  if (!isCanonicalBase64url(jwk.x) || Buffer.from(jwk.x, "base64url").length !== 32)
    return "The member x is not the unpadded base64url of 32 bytes (RFC 8037 §2).";
  if (thumbprint(jwk).toString("base64url") !== kid)
    return "The kid is not the RFC 7638 thumbprint of the key.";
  return WEAK[use](jwk) ? "The key has small order, so that it proves nothing." : undefined;
}

const WEAK = { sig: isSmallOrderEd25519, enc: isSmallOrderX25519 } as const;

/** y of the eight points of small order, and the spellings beyond p: under such a key a signature fits many messages. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

function isSmallOrderEd25519({ x }: CardKey["jwk"]): boolean {
  const y = Buffer.from(x, "base64url");
  // The highest bit is the sign of x, not part of y (RFC 8032 §5.1.2).
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31);
  return SMALL_ORDER_Y.has(y.toString("hex"));
}

/** OpenSSL refuses a shared secret of zeros (RFC 7748 §6.1), which is what a point of small order makes. */
function isSmallOrderX25519(jwk: CardKey["jwk"]): boolean {
  const { privateKey } = generateKeyPairSync("x25519");
  try {
    diffieHellman({ privateKey, publicKey: createPublicKey({ key: { ...jwk }, format: "jwk" }) });
    return false;
  } catch {
    return true;
  }
}
