import assert from "node:assert/strict";
import { createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { FieldSealer, SealedPlace } from "../../src/kernel/ports.ts";
import { cardKey } from "../../src/tenants/public-key.ts";
import { fieldSealer } from "../../src/tenants/sealed-field.ts";

export const PLACE: SealedPlace = {
  agreement: "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10",
  contract: `sha-256:${"ab".repeat(32)}`,
  path: "/demandSeries/*/demands/*/demand",
  eventId: "event-1",
};

export const AGE = { now: Date.parse("2026-11-22T09:00:00Z"), partition: 3, sequence: 7 };

/** Whoever reads: the key as a plan names it, and its private half. */
export interface Recipient {
  readonly kid: string;
  readonly x: string;
  readonly privateKey: KeyObject;
}

export function newRecipient(): Recipient {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const { x } = publicKey.export({ format: "jwk" });
  assert(x !== undefined, "A public key has x.");
  return { kid: cardKey("enc", x).kid, x, privateKey };
}

export const keysOf = (...recipients: readonly Recipient[]): ReadonlyMap<string, KeyObject> =>
  new Map(recipients.map(({ kid, privateKey }) => [kid, privateKey]));

export const SEALER: FieldSealer = fieldSealer(createSecretKey(Buffer.alloc(32, 5)));

export const sealed = (
  plain: string,
  { kid, x }: Recipient,
  place: Partial<SealedPlace> = {},
  age: Partial<typeof AGE> = {},
): string => SEALER.seal(plain, { ...PLACE, ...place }, "planner", { kid, x }, { ...AGE, ...age });

/** The five parts of a compact JWE, and what its header says. */
export function taken(token: string) {
  const parts = token.split(".");
  const [header = "", encryptedKey = "", iv = "", content = "", tag = ""] = parts;
  const members: Record<string, unknown> = JSON.parse(Buffer.from(header, "base64url").toString());
  return { header, encryptedKey, iv, content, tag, members };
}
