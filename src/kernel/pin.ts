import { hash } from "node:crypto";

/** Names a TLS key in cards: `sha-256:` and base64 of SHA-256 over its SubjectPublicKeyInfo (DER), as RFC 7469 §2.4 pins. */
export const pinOf = (spki: Uint8Array): string => `sha-256:${hash("sha256", spki, "base64")}`;
