import { Buffer } from "node:buffer";
import { createDecipheriv, createPublicKey, type KeyObject } from "node:crypto";
import type { Json, JsonMembers, JsonNode } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { SealedPlace } from "../kernel/ports.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { fromNode, readJson, readPlainJson } from "../kernel/strict-json.ts";
import { isCanonicalBase64url } from "./public-key.ts";
import { placeDigest, SEALED, unwrapKey } from "./sealed-format.ts";

/** Why an encrypted value is not opened. None of them quotes it. */
export const SEALED_FAULTS = {
  form: "It is not a compact JWE in canonical base64url (RFC 7516 §7.1), or larger than a record may be.",
  header: `Its protected header is not the one that is written here: ${SEALED.alg}, ${SEALED.enc}, kid, epk, role and mesh.`,
  key: "It was encrypted for a key that is not among the private keys given.",
  place: "It was encrypted for another place: another field, event, agreement or contract.",
  content: "It was changed, or encrypted for another key than it names.",
  json: "What was encrypted is no JSON text (RFC 8259).",
} as const;
export type SealedFault = keyof typeof SEALED_FAULTS;

/** X25519 private keys by the RFC 7638 thumbprints of their public halves: the present one, and earlier ones. */
export type OpeningKeys = ReadonlyMap<string, KeyObject>;

/**
 * Opens a value that `encrypt` made, for the subscriber: `place` is where the value was found, and a value from elsewhere is
 * refused. Numbers become the nearest double; `openSealedNode` keeps them as they were written.
 */
export function openSealed(token: string, place: SealedPlace, keys: OpeningKeys): Result<Json, SealedFault> {
  const node = openSealedNode(token, place, keys);
  return node.ok ? done(fromNode(node.value)) : node;
}

/** The same with every token of the JSON as it was encrypted. */
export function openSealedNode(
  token: string,
  place: SealedPlace,
  keys: OpeningKeys,
): Result<JsonNode, SealedFault> {
  const parts = partsOf(token);
  if (parts === undefined) return failed("form");
  const header = readPlainJson(Buffer.from(parts.header, "base64url"));
  if (!header.ok || !isHeader(header.value)) return failed("header");
  const privateKey = keys.get(header.value.kid);
  if (privateKey === undefined) return failed("key");
  if (header.value.mesh !== placeDigest(place)) return failed("place");
  const plain = decrypted(parts, header.value.epk, privateKey);
  if (plain === undefined) return failed("content");
  const node = readJson(plain, LIMITS.recordCeiling);
  return node.ok ? node : failed("json");
}

/** How the protected header begins, as far as whole base64url characters go. */
const START = Buffer.from(JSON.stringify({ alg: SEALED.alg, enc: SEALED.enc }).slice(0, 39)).toString(
  "base64url",
);

/** Does a text begin as an encrypted value, be it cut off later, or has it the five parts of one, as any JWE of this kind has? */
export const looksSealed = (text: string): boolean => text.startsWith(START) || partsOf(text) !== undefined;

interface Parts {
  /** As it stands in the token: what is authenticated. */
  readonly header: string;
  readonly encryptedKey: Buffer;
  readonly iv: Buffer;
  readonly content: Buffer;
  readonly tag: Buffer;
}

const HEADER_LENGTH_MAX = 4096;
const WRAPPED_KEY_BYTES = 40;

function partsOf(token: string): Parts | undefined {
  if (token.length > LIMITS.recordCeiling.bytesMax) return undefined;
  const texts = token.split(".", 6);
  if (texts.length !== 5 || !texts.every(isCanonicalBase64url)) return undefined;
  const [header = "", ...others] = texts;
  const [encryptedKey, iv, content, tag] = others.map((text) => Buffer.from(text, "base64url"));
  if (encryptedKey?.length !== WRAPPED_KEY_BYTES || iv?.length !== SEALED.ivBytes) return undefined;
  if (content === undefined || tag?.length !== SEALED.tagBytes) return undefined;
  return header.length > HEADER_LENGTH_MAX ? undefined : { header, encryptedKey, iv, content, tag };
}

function decrypted(
  { header, encryptedKey, iv, content, tag }: Parts,
  { x }: Epk,
  privateKey: KeyObject,
): Buffer | undefined {
  try {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
    const contentKey = unwrapKey(encryptedKey, { privateKey, publicKey });
    const decipher = createDecipheriv(SEALED.cipher, contentKey, iv, { authTagLength: SEALED.tagBytes });
    decipher.setAAD(Buffer.from(header, "ascii")).setAuthTag(tag);
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch {
    // A point of small order, a key wrapped for somebody else, a changed byte: OpenSSL tells no more.
    return undefined;
  }
}

interface Epk {
  readonly x: string;
}
interface Header {
  readonly kid: string;
  readonly mesh: string;
  readonly epk: Epk;
}

const isText = (value: Json): boolean => typeof value === "string";

/** Member → what it must be. All must be there, and no others: nothing in a header chooses an algorithm or makes us fetch a key. */
const EPK: Readonly<Record<string, (value: Json) => boolean>> = {
  kty: (value) => value === "OKP",
  crv: (value) => value === "X25519",
  x: (value) =>
    typeof value === "string" && isCanonicalBase64url(value) && Buffer.byteLength(value, "base64url") === 32,
};
const HEADER: typeof EPK = {
  alg: (value) => value === SEALED.alg,
  enc: (value) => value === SEALED.enc,
  kid: isText,
  epk: (value) => isMembers(value) && fits(value, EPK),
  role: isText,
  mesh: isText,
};

const isHeader = (value: Json): value is Json & Header => isMembers(value) && fits(value, HEADER);

const isMembers = (value: Json): value is JsonMembers =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const fits = (value: JsonMembers, rules: typeof EPK): boolean =>
  Object.keys(value).length === Object.keys(rules).length &&
  Object.entries(rules).every(([name, is]) => {
    const member = value[name];
    return member !== undefined && is(member);
  });
