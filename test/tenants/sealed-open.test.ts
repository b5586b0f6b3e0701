import { createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { CompactEncrypt } from "jose";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/kernel/limits.ts";
import { writeJson } from "../../src/kernel/strict-json.ts";
import { placeDigest } from "../../src/tenants/sealed-format.ts";
import { looksSealed, openSealed, openSealedNode } from "../../src/tenants/sealed-open.ts";
import { AGE, keysOf, newRecipient, PLACE, SEALER, sealed, taken } from "./sealed.ts";

const helix = newRecipient();
const keys = keysOf(helix);
const open = (token: string, place = {}) => openSealed(token, { ...PLACE, ...place }, keys);
const fault = (token: string, place = {}) => {
  const opened = open(token, place);
  return opened.ok ? undefined : opened.fault;
};

describe("opening", () => {
  test("gives back any JSON that was encrypted", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.integer({ min: 0, max: 4e12 }), (value, sequence, now) => {
        const opened = open(sealed(JSON.stringify(value), helix, {}, { sequence, now }));
        expect(opened).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) });
      }),
    );
  });

  test("keeps every token as it was written", () => {
    const text = '{"exact":1E+3,"long":0.10000000000000000000001,"name":"\\u00e4"}';
    const opened = openSealedNode(sealed(text, helix), PLACE, keys);
    expect(opened.ok && writeJson(opened.value)).toBe(text);
  });

  test("is possible with any of several keys, so that a rotation loses nothing", () => {
    const later = newRecipient();
    for (const recipient of [helix, later])
      expect(openSealed(sealed("1", recipient), PLACE, keysOf(later, helix)).ok).toBe(true);
  });

  test("goes on across a day and across 2^20 records", () => {
    const midnight = Date.parse("2026-11-23T00:00:00Z");
    const ages = [{ now: midnight - 1 }, { now: midnight }, { sequence: 2 ** 20 - 1 }, { sequence: 2 ** 20 }];
    for (const age of ages) expect(open(sealed("17", helix, {}, age))).toEqual({ ok: true, value: 17 });
  });

  test("takes what jose made, the same way bound to its place", async () => {
    const token = await new CompactEncrypt(Buffer.from('["x"]'))
      .setProtectedHeader({
        alg: "ECDH-ES+A256KW",
        enc: "A256GCM",
        kid: helix.kid,
        role: "r",
        mesh: placeDigest(PLACE),
      })
      .encrypt(createPublicKey(helix.privateKey));
    expect(open(token)).toEqual({ ok: true, value: ["x"] });
  });
});

describe("opening refuses", () => {
  test.each([
    ["agreement", { agreement: "another" }],
    ["contract", { contract: `sha-256:${"cd".repeat(32)}` }],
    ["field", { path: "/price" }],
    ["event", { eventId: "event-2" }],
  ])("a value that was moved to another %s", (_, place) => {
    expect(fault(sealed("1", helix), place)).toBe("place");
  });

  test("a value whose header was bent to fit another place", () => {
    const { encryptedKey, iv, content, tag, members } = taken(sealed("1", helix, { path: "/price" }));
    const header = Buffer.from(JSON.stringify({ ...members, mesh: placeDigest(PLACE) })).toString(
      "base64url",
    );
    expect(fault([header, encryptedKey, iv, content, tag].join("."))).toBe("content");
  });

  test("a value for somebody else", () => {
    expect(fault(sealed("1", newRecipient()))).toBe("key");
  });

  test("a value with any character changed, left out or added", () => {
    const token = sealed('{"price":1}', helix);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ";
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet), fc.nat(2), (at, letter, how) => {
        const changed = token.slice(0, at) + (how === 1 ? "" : letter) + token.slice(how === 2 ? at : at + 1);
        fc.pre(changed !== token);
        expect(open(changed).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("a value with any bit flipped in any of its parts", () => {
    const parts = sealed('{"price":1}', helix).split(".");
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(open(parts.with(index, flipped.toString("base64url")).join(".")).ok).toBe(false);
      }
    }
  });

  const withHeader = (change: Readonly<Record<string, unknown>>, spell = JSON.stringify): string => {
    const { members, ...parts } = taken(sealed("1", helix));
    const header = Buffer.from(spell({ ...members, ...change })).toString("base64url");
    return [header, parts.encryptedKey, parts.iv, parts.content, parts.tag].join(".");
  };
  const HEADERS: readonly (readonly [what: string, change: Readonly<Record<string, unknown>>])[] = [
    ["another algorithm", { alg: "ECDH-ES" }],
    ["the algorithm of a shared secret", { alg: "dir" }],
    ["another encryption", { enc: "A128GCM" }],
    ["compression", { zip: "DEF" }],
    ["a critical member", { crit: ["x"], x: 1 }],
    ["an address of keys", { jku: "https://keys.example" }],
    ["no place", { mesh: undefined }],
    ["no role", { role: undefined }],
    ["a key id that is no text", { kid: 1 }],
    ["an ephemeral key on another curve", { epk: { kty: "OKP", crv: "X448", x: helix.x } }],
    ["an ephemeral key with more in it", { epk: { kty: "OKP", crv: "X25519", x: helix.x, d: helix.x } }],
    ["an ephemeral key of 31 bytes", { epk: { kty: "OKP", crv: "X25519", x: helix.x.slice(0, 42) } }],
  ];
  test.each(HEADERS)("a header with %s", (_, change) => {
    expect(fault(withHeader(change))).toBe("header");
  });

  test("a header that says a thing twice", () => {
    const twice = withHeader({}, (value) => JSON.stringify(value).replace("{", '{"alg":"ECDH-ES+A256KW",'));
    expect(fault(twice)).toBe("header");
  });

  test("an ephemeral key of small order", () => {
    const x = Buffer.alloc(32).toString("base64url");
    expect(fault(withHeader({ epk: { kty: "OKP", crv: "X25519", x } }))).toBe("content");
  });

  test("text that is no JSON", () => {
    expect(fault(sealed("{", helix))).toBe("json");
  });

  const larger = (length: number): string => {
    const { header, encryptedKey, iv, tag } = taken(sealed("1", helix));
    return [header, encryptedKey, iv, "A".repeat(length), tag].join(".");
  };
  test.each([
    ["nothing", "", false],
    ["plain text", "M-4711", false],
    ["a signed token", "eyJhbGciOiJFZERTQSJ9.e30.c2ln", false],
    ["six parts", `${sealed("1", helix)}.AAAA`, true],
    ["a tag that was shortened", sealed("1", helix).slice(0, -6), true],
    ["what is cut off", sealed("1", helix).slice(0, 60), true],
    ["a header beyond all measure", withHeader({ role: "r".repeat(5000) }), true],
    ["more than a record", larger(LIMITS.recordCeiling.bytesMax), true],
  ])("%s, which has not the form of an encrypted value", (_, text, looks) => {
    expect([fault(text), looksSealed(text)]).toEqual(["form", looks]);
  });

  test("another's JWE, which has the form", () => {
    const { encryptedKey, iv, content, tag } = taken(sealed("1", helix));
    const token = [Buffer.from("{}").toString("base64url"), encryptedKey, iv, content, tag].join(".");
    expect([fault(token), looksSealed(token)]).toEqual(["header", true]);
  });

  test("a private key on another curve", () => {
    const { privateKey } = generateKeyPairSync("x448");
    expect(openSealed(sealed("1", helix), PLACE, new Map([[helix.kid, privateKey]]))).toMatchObject({
      fault: "content",
    });
  });
});

test("what encrypt makes with the longest role there may be looks encrypted, and is opened", () => {
  const role = "\u0001".repeat(256);
  const { kid, x } = helix;
  const token = SEALER.seal("1", PLACE, role, { kid, x }, AGE);
  expect([looksSealed(token), open(token)]).toEqual([true, { ok: true, value: 1 }]);
});
