import { Buffer } from "node:buffer";
import { createPrivateKey, createSecretKey, type KeyObject, X509Certificate } from "node:crypto";
import { pinOf } from "../kernel/pin.ts";
import { Secret } from "../kernel/secret.ts";
import { isCanonicalBase64url } from "./public-key.ts";

/** Each reads the text of a key file; undefined when it is not what it should be. No fault says more: it would quote a key. */

/** A private JWK (RFC 8037) on that curve. */
export const privateKey =
  (type: "ed25519" | "x25519") =>
  (text: string): KeyObject | undefined => {
    const key = attempt(() => createPrivateKey({ key: JSON.parse(text), format: "jwk" }));
    return key?.asymmetricKeyType === type ? key : undefined;
  };

/** 32 bytes, base64url. */
export function secretKey(text: string): KeyObject | undefined {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, "base64url");
  return bytes.length === 32 && isCanonicalBase64url(trimmed) ? createSecretKey(bytes) : undefined;
}

/** A whole number from 1. */
export function epoch(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[1-9][0-9]{0,8}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** A PEM private key. */
export function tlsKey(text: string): { readonly pem: Secret; readonly key: KeyObject } | undefined {
  const key = attempt(() => createPrivateKey(text));
  return key && { pem: new Secret(text), key };
}

/** A PEM certificate around that key, and its pin. */
export const tlsCertificate =
  (key: KeyObject) =>
  (text: string): { readonly pem: string; readonly pin: string } | undefined => {
    const certificate = attempt(() => new X509Certificate(text));
    if (certificate?.checkPrivateKey(key) !== true) return undefined;
    return { pem: text, pin: pinOf(certificate.publicKey.export({ type: "spki", format: "der" })) };
  };

function attempt<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
