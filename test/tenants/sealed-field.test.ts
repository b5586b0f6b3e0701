import { createHash, createSecretKey } from "node:crypto";
import fc from "fast-check";
import { compactDecrypt } from "jose";
import { describe, expect, test } from "vitest";
import { fieldSealer } from "../../src/tenants/sealed-field.ts";
import { AGE, newRecipient, PLACE, SEALER, sealed, taken } from "./sealed.ts";

const helix = newRecipient();

describe("an encrypted value", () => {
  test("is a compact JWE that jose opens with the recipient's key", async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealed('{"price":12.50}', helix),
      helix.privateKey,
      { keyManagementAlgorithms: ["ECDH-ES+A256KW"], contentEncryptionAlgorithms: ["A256GCM"] },
    );
    expect(Buffer.from(plaintext).toString().trimEnd()).toBe('{"price":12.50}');
    expect(protectedHeader).toEqual({
      alg: "ECDH-ES+A256KW",
      enc: "A256GCM",
      kid: helix.kid,
      epk: { kty: "OKP", crv: "X25519", x: expect.stringMatching(/^[\w-]{43}$/) },
      role: "planner",
      mesh: createHash("sha256")
        .update(JSON.stringify([PLACE.agreement, PLACE.contract, PLACE.path, PLACE.eventId]))
        .digest("base64url"),
    });
  });

  test("is opened by nobody else", async () => {
    await expect(compactDecrypt(sealed("1", helix), newRecipient().privateKey)).rejects.toThrow();
  });

  test("is the same whenever and wherever it is made", () => {
    const twin = fieldSealer(createSecretKey(Buffer.alloc(32, 5)));
    const { kid, x } = helix;
    expect(twin.seal("1", PLACE, "planner", { kid, x }, AGE)).toBe(sealed("1", helix));
    expect(sealed("1", helix)).toBe(sealed("1", helix));
  });

  test("is another one under another master", () => {
    const other = fieldSealer(createSecretKey(Buffer.alloc(32, 6)));
    const { kid, x } = helix;
    const [one, two] = [sealed("1", helix), other.seal("1", PLACE, "planner", { kid, x }, AGE)].map(taken);
    expect(one?.encryptedKey).not.toBe(two?.encryptedKey);
    expect(one?.content).not.toBe(two?.content);
  });

  test.each([
    ["1", "1250000.75"],
    ["true", "false"],
    ['""', '"twenty-eight characters long"'],
  ])("tells %s from %s no more by its length", (one, other) => {
    expect(sealed(one, helix)).toHaveLength(sealed(other, helix).length);
  });
});

describe("places", () => {
  test.each([
    ["agreement", { agreement: "another" }],
    ["contract", { contract: `sha-256:${"cd".repeat(32)}` }],
    ["path", { path: "/price" }],
    ["event", { eventId: "event-2" }],
  ])("that differ in the %s make different texts of one value", (_, place) => {
    const [one, two] = [sealed("1", helix), sealed("1", helix, place)].map(taken);
    expect(one?.members.mesh).not.toBe(two?.members.mesh);
    expect(one?.iv).not.toBe(two?.iv);
    expect(one?.content).not.toBe(two?.content);
  });

  test("whose parts join alike differ", () => {
    const [one, two] = [
      { path: "/a", eventId: "b" },
      { path: "/ab", eventId: "" },
    ].map((place) => taken(sealed("1", helix, place)).members.mesh);
    expect(one).not.toBe(two);
  });
});

describe("nonces", () => {
  test("are never used twice under one content key: value, place and role all change them", () => {
    const { kid, x } = helix;
    const roles = ["planner", "buyer"];
    const ivs = ["1", "2", '"1"'].flatMap((plain) =>
      ["/a", "/b", "/c"].flatMap((path) =>
        ["e1", "e2"].flatMap((eventId) =>
          roles.map((role) => SEALER.seal(plain, { ...PLACE, path, eventId }, role, { kid, x }, AGE)),
        ),
      ),
    );
    const parts = ivs.map(taken);
    expect(new Set(parts.map(({ encryptedKey }) => encryptedKey)).size).toBe(1);
    expect(new Set(parts.map(({ iv }) => iv)).size).toBe(ivs.length);
  });

  test("differ wherever anything that GCM authenticates or encrypts differs", () => {
    const value = fc.record({ plain: fc.json(), path: fc.string(), eventId: fc.string() });
    fc.assert(
      fc.property(value, value, (one, two) => {
        const [a, b] = [one, two].map(({ plain, ...place }) => taken(sealed(plain, helix, place)));
        const same = a?.header === b?.header && one.plain.trimEnd() === two.plain.trimEnd();
        expect(a?.iv === b?.iv).toBe(same);
      }),
    );
  });
});

describe("content keys", () => {
  const DAY = 86_400_000;
  const midnight = Date.parse("2026-11-23T00:00:00Z");
  const keyOf = (age: Partial<typeof AGE>, place = {}) => taken(sealed("1", helix, place, age));

  test.each([
    ["a day begins", { now: midnight - 1 }, { now: midnight }],
    ["2^20 records have passed", { sequence: 2 ** 20 - 1 }, { sequence: 2 ** 20 }],
    ["the partition is another", { partition: 0 }, { partition: 1 }],
  ])("change when %s, with the ephemeral key", (_, before, after) => {
    const [one, two] = [keyOf(before), keyOf(after)];
    expect(one.encryptedKey).not.toBe(two.encryptedKey);
    expect(one.members.epk).not.toEqual(two.members.epk);
  });

  test("stay within a day and a block", () => {
    const ages = [{ now: midnight }, { now: midnight + DAY - 1 }, { now: midnight, sequence: 2 ** 20 - 1 }];
    expect(new Set(ages.map((age) => keyOf(age).encryptedKey)).size).toBe(1);
  });

  test("differ by agreement, contract and recipient", () => {
    const other = newRecipient();
    const keys = [
      keyOf({}),
      keyOf({}, { agreement: "another" }),
      keyOf({}, { contract: "another" }),
      taken(sealed("1", other)),
    ];
    expect(new Set(keys.map(({ encryptedKey }) => encryptedKey)).size).toBe(4);
    const points = keys.map(({ members }) => JSON.stringify(members.epk));
    expect(new Set(points).size).toBe(4);
  });

  test("come back the same after so many others that they were forgotten", () => {
    const before = sealed("1", helix);
    for (let partition = 10; partition < 10 + 4200; partition++) sealed("1", helix, {}, { partition });
    expect(sealed("1", helix)).toBe(before);
  });
});

describe("a recipient's key", () => {
  const points = [0n, 1n, 2n ** 255n - 20n].map((u) =>
    Buffer.from(u.toString(16).padStart(64, "0"), "hex").reverse().toString("base64url"),
  );
  test.each(points)("of small order (%s) encrypts nothing", (x) => {
    const seal = () => SEALER.seal('"CANARY"', PLACE, "planner", { kid: "k", x }, AGE);
    expect(seal).toThrow();
    expect(seal).not.toThrow(/CANARY/);
  });

  test("with the bit that means nothing (RFC 7748 §5) is the same key", async () => {
    const bytes = Buffer.from(helix.x, "base64url");
    bytes.writeUInt8(bytes.readUInt8(31) ^ 0x80, 31);
    const recipient = { kid: helix.kid, x: bytes.toString("base64url") };
    const token = SEALER.seal("1", PLACE, "planner", recipient, AGE);
    const { plaintext } = await compactDecrypt(token, helix.privateKey);
    expect(Buffer.from(plaintext).toString().trimEnd()).toBe("1");
  });
});
