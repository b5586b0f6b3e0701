import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { pinOf } from "../../src/kernel/pin.ts";

/** SubjectPublicKeyInfo (RFC 8410 §10.1) of the public key of RFC 8032 §7.1, test 1. */
const SPKI = Buffer.from(
  "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  "hex",
);

test("a pin is base64 of SHA-256 over the key's SubjectPublicKeyInfo, as other tools compute it", () => {
  // openssl dgst -sha256 -binary | base64
  expect(pinOf(SPKI)).toBe("sha-256:BuP9j9opu2CrWVV95h7bCuzbIxE0vjDnW0Vfjht5L6k=");
});

test("another key has another pin, and the same key the same", () => {
  const spki = () => generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" });
  const key = spki();
  expect(pinOf(key)).not.toBe(pinOf(spki()));
  expect(pinOf(Buffer.from(key))).toBe(pinOf(key));
});
