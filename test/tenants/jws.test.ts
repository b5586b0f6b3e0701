import { Buffer } from "node:buffer";
import fc from "fast-check";
import { CompactSign, compactVerify } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/kernel/canonical-json.ts";
import type { CardKey } from "../../src/kernel/company.ts";
import type { Json } from "../../src/kernel/json.ts";
import { type JwsFault, signDetached, verifyDetached } from "../../src/tenants/jws.ts";
import type { KeyRing } from "../../src/tenants/keys.ts";
import { freshRing } from "./company.ts";

const CONTENT: Json = { b: [1, "ä", null], a: { z: 1e21, y: false } };
const bytes = Buffer.from(canonicalJson(CONTENT));
let ring: KeyRing;
let key: CardKey;
let own: string;

beforeAll(async () => {
  ring = await freshRing();
  key = ring.publicKeys.find(({ use }) => use === "sig") as CardKey;
  own = signDetached(CONTENT, ring, 1_700_000_000).jws;
});

const base64url = (text: string | Buffer) => Buffer.from(text).toString("base64url");
/** Signs over any header, as an attacker with a key of the card could. */
const signedWith = (header: string, payload: Buffer = bytes) => {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${base64url(header)}..${base64url(Buffer.from(ring.sign(Buffer.from(input))))}`;
};

describe("a detached signature", () => {
  test("is one that jose verifies", async () => {
    const [header, , signature] = own.split(".");
    const compact = `${header}.${base64url(bytes)}.${signature}`;
    const { protectedHeader } = await compactVerify(compact, { ...key.jwk }, { algorithms: ["EdDSA"] });
    expect(protectedHeader).toEqual({ alg: "EdDSA", kid: ring.signKid, iat: 1_700_000_000 });
  });

  test("that jose made is accepted", async () => {
    const compact = await new CompactSign(bytes)
      .setProtectedHeader({ kid: key.kid, alg: "EdDSA" })
      .sign(ring.signingKey);
    const [header, , signature] = compact.split(".");
    expect(verifyDetached(`${header}..${signature}`, CONTENT, key)).toEqual({
      ok: true,
      value: { iat: undefined },
    });
  });

  test("holds for the content whatever the order of its members", () => {
    const other: Json = { a: { y: false, z: 1e21 }, b: [1, "ä", null] };
    expect(verifyDetached(own, other, key)).toMatchObject({ ok: true });
  });

  test("holds for no other content", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const other = value as Json;
        fc.pre(canonicalJson(other) !== canonicalJson(CONTENT));
        expect(verifyDetached(own, other, key)).toEqual({ ok: false, fault: "signature" });
      }),
      { numRuns: 50 },
    );
  });

  test("in which any character is another one does not hold", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= \n";
    fc.assert(
      fc.property(fc.nat(own.length - 1), fc.constantFrom(...alphabet), (at, character) => {
        fc.pre(own[at] !== character);
        const changed = `${own.slice(0, at)}${character}${own.slice(at + 1)}`;
        expect(verifyDetached(changed, CONTENT, key).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("does not hold for a key of another company, or one for encryption", async () => {
    const [other] = (await freshRing()).publicKeys as readonly CardKey[];
    expect(verifyDetached(own, CONTENT, other as CardKey)).toEqual({ ok: false, fault: "kid" });
    // The other key under our kid, as a forged key list would have it.
    expect(verifyDetached(own, CONTENT, { ...(other as CardKey), kid: key.kid })).toEqual({
      ok: false,
      fault: "signature",
    });
    expect(verifyDetached(own, CONTENT, { ...key, use: "enc" })).toEqual({ ok: false, fault: "kid" });
  });

  const header = (members: object) => JSON.stringify({ alg: "EdDSA", kid: ring.signKid, ...members });
  const REFUSED: readonly (readonly [what: string, fault: JwsFault, jws: () => string])[] = [
    ["alg none", "header", () => signedWith(header({ alg: "none" }))],
    ["alg none and no signature", "form", () => `${base64url('{"alg":"none"}')}..`],
    ["alg HS256", "header", () => signedWith(header({ alg: "HS256" }))],
    ["alg in other case", "header", () => signedWith(header({ alg: "eddsa" }))],
    ["alg Ed448", "header", () => signedWith(header({ alg: "Ed448" }))],
    ["no alg", "header", () => signedWith(`{"kid":"${ring.signKid}"}`)],
    ["alg twice", "header", () => signedWith(`{"alg":"none","alg":"EdDSA","kid":"${ring.signKid}"}`)],
    ["no kid", "header", () => signedWith('{"alg":"EdDSA"}')],
    ["another kid", "kid", () => signedWith(header({ kid: "x" }))],
    ["a kid that is a path", "kid", () => signedWith(header({ kid: "../../keys/signing" }))],
    ["a kid that is no text", "header", () => signedWith(header({ kid: { $ne: 1 } }))],
    ["crit", "header", () => signedWith(header({ crit: ["b64"], b64: false }))],
    ["an empty crit", "header", () => signedWith(header({ crit: [] }))],
    ["b64", "header", () => signedWith(header({ b64: true }))],
    ["jwk", "header", () => signedWith(header({ jwk: { ...key.jwk } }))],
    ["jku", "header", () => signedWith(header({ jku: "https://attacker.example/keys" }))],
    ["x5u", "header", () => signedWith(header({ x5u: "https://attacker.example/cert" }))],
    ["x5c", "header", () => signedWith(header({ x5c: ["MIIB"] }))],
    ["zip", "header", () => signedWith(header({ zip: "DEF" }))],
    ["typ", "header", () => signedWith(header({ typ: "JWT" }))],
    ["__proto__", "header", () => signedWith(`{"alg":"EdDSA","kid":"${ring.signKid}","__proto__":{}}`)],
    ["an iat that is a fraction", "header", () => signedWith(header({ iat: 1.5 }))],
    ["a header that is no object", "header", () => signedWith('["EdDSA"]')],
    ["a header that is no JSON", "header", () => signedWith("{")],
    ["a byte order mark", "header", () => signedWith(`\uFEFF${header({})}`)],
    ["a header beyond all bounds", "form", () => signedWith(header({ kid: "x".repeat(2000) }))],
    ["the content within", "form", () => own.replace("..", `.${base64url(bytes)}.`)],
    ["padding", "form", () => `${own}=`],
    ["a line feed at its end", "form", () => `${own}\n`],
    ["a signature of 63 bytes", "form", () => own.slice(0, -2)],
    [
      "JSON serialisation",
      "form",
      () => JSON.stringify({ protected: own.split(".")[0], signature: own.split(".")[2] }),
    ],
  ];
  test.each(REFUSED)("with %s is refused for its %s", (_what, fault, jws) => {
    expect(verifyDetached(jws(), CONTENT, key)).toEqual({ ok: false, fault });
  });

  test("that the same hand made rightly is accepted, so that the rows above fail for what they name", () => {
    expect(verifyDetached(signedWith(header({})), CONTENT, key)).toMatchObject({ ok: true });
  });

  test("whose last character only spells the same bytes otherwise is refused", () => {
    // 64 bytes are 86 characters, the last of which has four bits that say nothing.
    const last = own.at(-1) ?? "";
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const twin = `${own.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}`;
    expect(Buffer.from(twin.slice(-86), "base64url")).toEqual(Buffer.from(own.slice(-86), "base64url"));
    expect(verifyDetached(twin, CONTENT, key)).toEqual({ ok: false, fault: "form" });
  });
});
