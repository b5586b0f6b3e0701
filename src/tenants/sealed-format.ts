import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, diffieHellman, hash, type KeyObject } from "node:crypto";
import { sha256 } from "../kernel/digest.ts";
import type { SealedPlace } from "../kernel/ports.ts";

/**
 * The one form of an encrypted value: a compact JWE (RFC 7516) with ECDH-ES+A256KW over X25519 (RFC 7518 §4.6, RFC 8037 §3.2) and
 * AES-256-GCM (RFC 7518 §5.3). Its protected header is closed: `alg`, `enc`, `kid` of the recipient's key, `epk`, and two members
 * of ours, `role` and `mesh`.
 */
export const SEALED = {
  alg: "ECDH-ES+A256KW",
  enc: "A256GCM",
  cipher: "aes-256-gcm",
  /** Bytes: NIST SP 800-38D §8.2, RFC 7518 §5.3. */
  ivBytes: 12,
  tagBytes: 16,
} as const;

/**
 * What the member `mesh` says: base64url of SHA-256 over the JSON array of agreement, contract digest, path and event id, without
 * space. Whoever has a record can compute it, and a ciphertext that is moved elsewhere no longer fits.
 */
export const placeDigest = ({ agreement, contract, path, eventId }: SealedPlace): string =>
  hash("sha256", JSON.stringify([agreement, contract, path, eventId]), "base64url");

/** RFC 7518 §4.6.2 with an empty PartyUInfo and PartyVInfo: round 1, secret, AlgorithmID, both parties, key length in bits. */
const ROUND = Buffer.from([0, 0, 0, 1]);
const OTHER_INFO = Buffer.concat([
  Buffer.from([0, 0, 0, SEALED.alg.length]),
  Buffer.from(SEALED.alg),
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from([0, 0, 1, 0]),
]);

/** RFC 3394 §2.2.3.1, the one initial value. */
const WRAP = "id-aes256-wrap";
const WRAP_IV = Buffer.alloc(8, 0xa6);

/** One of the two is private. Throws for a public key of small order (RFC 7748 §6.1). */
interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const agreedKey = (pair: Pair): Buffer => sha256(Buffer.concat([ROUND, diffieHellman(pair), OTHER_INFO]));

/** The content key as it travels: 40 bytes. */
export function wrapKey(contentKey: Uint8Array, pair: Pair): Buffer {
  const cipher = createCipheriv(WRAP, agreedKey(pair), WRAP_IV);
  return Buffer.concat([cipher.update(contentKey), cipher.final()]);
}

/** The content key, 32 bytes; throws when it was wrapped for another pair, or changed. */
export function unwrapKey(wrapped: Uint8Array, pair: Pair): Buffer {
  const decipher = createDecipheriv(WRAP, agreedKey(pair), WRAP_IV);
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}
