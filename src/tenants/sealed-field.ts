import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
} from "node:crypto";
import type { FieldSealer } from "../kernel/ports.ts";
import { boundedCache } from "./bounded-cache.ts";
import { deriveBytes } from "./derived-keys.ts";
import { placeDigest, SEALED, wrapKey } from "./sealed-format.ts";

const DAY_MS = 86_400_000;
/** Records of a partition that one content key serves. */
const RECORDS_PER_KEY = 2 ** 20;
/** Content keys held at a time: one for each partition that is read under each agreement. */
const KEYS_HELD_MAX = 4096;
/** A sealed text is a multiple of so many bytes long, so that its length does not tell 9.5 from 1250000. */
const PLAIN_BYTES_MULTIPLE = 32;

/** Everything about a token that is the same for all values under one content key. */
interface ContentKey {
  /** JSON of the protected header up to the members that differ. */
  readonly header: string;
  /** base64url. */
  readonly encryptedKey: string;
  readonly key: KeyObject;
  readonly ivKey: KeyObject;
}

/** What picks a content key, in the order in which it is derived. */
type Choice = readonly [
  kid: string,
  x: string,
  agreement: string,
  contract: string,
  partition: number,
  day: number,
  block: number,
];

/**
 * Encrypts without state and without chance: content key, ephemeral key and nonces are derived from the master, so that replicas
 * need not talk and the same record makes the same bytes. Throws only on a bug: the card's reader has refused keys that X25519
 * does not take. See docs/encryption.md.
 */
export function fieldSealer(master: KeyObject): FieldSealer {
  const held = boundedCache<ContentKey>(KEYS_HELD_MAX);
  return {
    seal(plain, place, role, { kid, x }, { now, partition, sequence }) {
      const day = Math.floor(now / DAY_MS);
      const block = Math.floor(sequence / RECORDS_PER_KEY);
      const choice: Choice = [kid, x, place.agreement, place.contract, partition, day, block];
      const contentKey = held(JSON.stringify(choice), () => makeContentKey(master, choice));
      const header = `${contentKey.header},"role":${JSON.stringify(role)},"mesh":"${placeDigest(place)}"}`;
      return seal(padded(plain), Buffer.from(header).toString("base64url"), contentKey);
    },
  };
}

/** PKCS #8 (RFC 8410 §7) of an X25519 private key up to its 32 bytes. */
const PKCS8_X25519 = Buffer.from("302e020100300506032b656e04220420", "hex");

function makeContentKey(master: KeyObject, choice: Choice): ContentKey {
  const bytes = deriveBytes(master, ["tiermesh/v1 seal", ...choice], 96);
  const [contentKey, ivKey, ephemeral] = [0, 32, 64].map((at) => bytes.subarray(at, at + 32));
  const der = Buffer.concat([PKCS8_X25519, ephemeral ?? bytes]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const [kid, x] = choice;
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  const epk = { kty: "OKP", crv: "X25519", x: createPublicKey(privateKey).export({ format: "jwk" }).x };
  const header = JSON.stringify({ alg: SEALED.alg, enc: SEALED.enc, kid, epk });
  return {
    header: header.slice(0, -1),
    encryptedKey: wrapKey(contentKey ?? bytes, { privateKey, publicKey }).toString("base64url"),
    key: createSecretKey(contentKey ?? bytes),
    ivKey: createSecretKey(ivKey ?? bytes),
  };
}

/**
 * RFC 7516 §5.1, steps 14 to 19. The nonce is a MAC of all that GCM gets besides its key: header and text. Under one key two
 * different inputs so have different nonces, as good as chance makes them; a nonce that left out the header would let one
 * ciphertext stand under two headers, and that gives away the key that authenticates (NIST SP 800-38D, appendix A).
 */
function seal(plain: Uint8Array, header: string, { encryptedKey, key, ivKey }: ContentKey): string {
  const mac = createHmac("sha256", ivKey).update(header).update(".").update(plain).digest();
  const iv = mac.subarray(0, SEALED.ivBytes);
  const cipher = createCipheriv(SEALED.cipher, key, iv, { authTagLength: SEALED.tagBytes });
  cipher.setAAD(Buffer.from(header, "ascii"));
  const parts = [iv, Buffer.concat([cipher.update(plain), cipher.final()]), cipher.getAuthTag()];
  return [header, encryptedKey, ...parts.map((part) => part.toString("base64url"))].join(".");
}

/** UTF-8, filled up with spaces, which mean nothing at the end of a JSON text (RFC 8259 §2). */
function padded(plain: string): Buffer {
  const length = Buffer.byteLength(plain);
  const bytes = Buffer.alloc(Math.ceil(length / PLAIN_BYTES_MULTIPLE) * PLAIN_BYTES_MULTIPLE, " ");
  bytes.write(plain);
  return bytes;
}
