import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { Json } from "./json.ts";

/** SHA-256 (FIPS 180-4), 32 bytes. */
export const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** `sha-256:` and 64 hex digits, of bytes as they are. */
export const digestOfBytes = (bytes: Uint8Array): string => `sha-256:${sha256(bytes).toString("hex")}`;

/** The same over the RFC 8785 form, so that spelling and order of members make no difference. */
export const digestOf = (value: Json): string =>
  `sha-256:${createHash("sha256").update(canonicalJson(value), "utf8").digest("hex")}`;
