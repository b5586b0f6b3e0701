import { Buffer } from "node:buffer";
import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { OpaqueKeys, PseudonymKeys } from "../kernel/ports.ts";
import { boundedCache } from "./bounded-cache.ts";

/** Derived keys held at a time; one more makes the one that was not used for the longest be derived again. */
const KEYS_HELD_MAX = 4096;

/** HMAC keys per partner × domain, derived from the master of this epoch. Evicted ones are derived again, equal in value. */
export function pseudonymKeys(master: KeyObject, epoch: number): PseudonymKeys {
  const key = heldKeys(master);
  return {
    epoch,
    key: (partner, domain) => key(["tiermesh/v1 pseudonym", partner, domain, epoch]),
  };
}

/** HMAC keys by use. */
export function opaqueKeys(master: KeyObject): OpaqueKeys {
  const key = heldKeys(master);
  return { opaque: (use) => key(["tiermesh/v1 opaque", use]) };
}

/** HKDF-SHA-256 (RFC 5869), no salt: the master is uniform. The info is a JSON array, so that no two lists spell one text. */
export const deriveBytes = (master: KeyObject, parts: readonly (string | number)[], length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", master, "", JSON.stringify(parts), length));

function heldKeys(master: KeyObject): (parts: readonly (string | number)[]) => KeyObject {
  const held = boundedCache<KeyObject>(KEYS_HELD_MAX);
  return (parts) => held(JSON.stringify(parts), () => createSecretKey(deriveBytes(master, parts, 32)));
}
