import { Buffer } from "node:buffer";
import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { OpaqueKeys, PseudonymKeys } from "../kernel/ports.ts";

/** Derived keys held at a time; one more makes the one that was not used for the longest be derived again. */
const KEYS_HELD_MAX = 4096;

/** HMAC keys per partner × domain, derived from the master of this epoch. Evicted ones are derived again, equal in value. */
export function pseudonymKeys(master: KeyObject, epoch: number): PseudonymKeys {
  const held = boundedCache();
  return {
    epoch,
    key: (partner, domain) => held(master, ["tiermesh/v1 pseudonym", partner, domain, epoch]),
  };
}

/** HMAC keys by use. */
export function opaqueKeys(master: KeyObject): OpaqueKeys {
  const held = boundedCache();
  return { opaque: (use) => held(master, ["tiermesh/v1 opaque", use]) };
}

/** HKDF-SHA-256 (RFC 5869), no salt: the master is uniform. The info is a JSON array, so that no two lists spell one text. */
function derive(master: KeyObject, info: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", master, "", info, 32)));
}

function boundedCache(): (master: KeyObject, parts: readonly (string | number)[]) => KeyObject {
  const keys = new Map<string, KeyObject>();
  return (master, parts) => {
    const info = JSON.stringify(parts);
    const key = keys.get(info) ?? derive(master, info);
    // A Map keeps the order of insertion: put last what was used last.
    keys.delete(info);
    keys.set(info, key);
    const [oldest] = keys.keys();
    if (keys.size > KEYS_HELD_MAX && oldest !== undefined) keys.delete(oldest);
    return key;
  };
}
