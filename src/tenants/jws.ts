import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { CardKey } from "../kernel/company.ts";
import type { Json } from "../kernel/json.ts";
import { done, failed, type Result } from "../kernel/result.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import type { KeyRing } from "./key-ring.ts";
import { isCanonicalBase64url } from "./public-key.ts";

/**
 * The one form of signature in cards and agreements: a detached JWS (RFC 7515, appendix F) over the RFC 8785 form of a
 * value, with a closed header. Nothing in a header chooses an algorithm or a key, or makes the gateway fetch one.
 */
const HEADER = {
  /** EdDSA and nothing else (RFC 8037 §3.1). */
  alg: (value: Json) => value === "EdDSA",
  kid: (value: Json) => typeof value === "string",
  /** Seconds since 1970; makes the time of signing part of what is signed. */
  iat: (value: Json) => Number.isSafeInteger(value),
} as const satisfies Record<string, (value: Json) => boolean>;

const FORM = /^([A-Za-z0-9_-]{1,512})\.\.([A-Za-z0-9_-]{86})$/;

/** Why a signature is not accepted. */
export const JWS_FAULTS = {
  form: "It is not a detached JWS of one Ed25519 signature in canonical base64url (RFC 7515, appendix F).",
  header: "Its protected header may hold alg EdDSA, kid and iat, and nothing else.",
  kid: "Its protected header names another key.",
  signature:
    "It does not fit the content: something was changed after it was signed, or another key signed it.",
} as const;
export type JwsFault = keyof typeof JWS_FAULTS;

interface Signed {
  /** Seconds since 1970, as signed. */
  readonly iat: number | undefined;
}

/** Signs the RFC 8785 form of `value`. */
export function signDetached(
  value: Json,
  ring: Pick<KeyRing, "signKid" | "sign">,
  iat?: number,
): { readonly kid: string; readonly jws: string } {
  const header = { alg: "EdDSA", kid: ring.signKid, ...(iat === undefined ? {} : { iat }) };
  const encoded = Buffer.from(canonicalJson(header)).toString("base64url");
  const signature = Buffer.from(ring.sign(signingInput(encoded, value))).toString("base64url");
  return { kid: ring.signKid, jws: `${encoded}..${signature}` };
}

/** Checks a detached JWS over the RFC 8785 form of `value` against one key, which the caller chose by its `kid`. */
export function verifyDetached(jws: string, value: Json, key: CardKey): Result<Signed, JwsFault> {
  const [, encoded = "", signature = ""] = FORM.exec(jws) ?? [];
  if (encoded === "" || ![encoded, signature].every(isCanonicalBase64url)) return failed("form");
  const header = readPlainJson(Buffer.from(encoded, "base64url"));
  if (!header.ok || !isHeader(header.value)) return failed("header");
  if (header.value.kid !== key.kid || key.use !== "sig") return failed("kid");
  const publicKey = createPublicKey({ key: { ...key.jwk }, format: "jwk" });
  const fits = verify(null, signingInput(encoded, value), publicKey, Buffer.from(signature, "base64url"));
  return fits ? done({ iat: header.value.iat }) : failed("signature");
}

/** RFC 7515 §5.1, step 8. */
const signingInput = (encodedHeader: string, value: Json): Buffer =>
  Buffer.from(`${encodedHeader}.${Buffer.from(canonicalJson(value)).toString("base64url")}`);

interface Header {
  readonly alg: "EdDSA";
  readonly kid: string;
  readonly iat?: number;
}

function isHeader(value: Json): value is Json & Header {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const rules: Readonly<Record<string, (value: Json) => boolean>> = HEADER;
  return (
    "alg" in value &&
    "kid" in value &&
    Object.entries(value).every(
      ([name, member]) => Object.hasOwn(rules, name) && rules[name]?.(member) === true,
    )
  );
}
