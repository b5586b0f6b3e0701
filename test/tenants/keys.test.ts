import { Buffer } from "node:buffer";
import { createHmac, X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { calculateJwkThumbprint } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { MeshError } from "../../src/kernel/error.ts";
import {
  createKeys,
  KEY_FILES,
  type KeyRing,
  keyFiles,
  readKeys,
  readOpeningKeys,
} from "../../src/tenants/keys.ts";

import { AGE, newRecipient, PLACE } from "./sealed.ts";

let files: ReadonlyMap<string, string>;
let ring: KeyRing;
const ringOf = (changes: Readonly<Record<string, string>>) =>
  readKeys((name) => changes[name] ?? files.get(name));

beforeAll(async () => {
  files = keyFiles(await createKeys());
  ring = ringOf({});
});

describe("the keys of a new company", () => {
  test("are one file each, of names that keys/ knows", () => {
    expect([...files.keys()]).toEqual(Object.keys(KEY_FILES));
  });

  test("differ from those of another company", async () => {
    const others = keyFiles(await createKeys());
    const same = [...files].filter(([name, content]) => others.get(name) === content);
    expect(same.map(([name]) => name)).toEqual(["pseudonym-epoch"]);
  });

  test("are not printed with what holds them", async () => {
    const material = await createKeys();
    const secrets = [...keyFiles(material).values()].filter((content) => content.length > 10);
    const printed = `${inspect(material, { depth: 9 })}${JSON.stringify(material)}${inspect(ring, { depth: 9 })}`;
    for (const secret of [...secrets, ...files.values()].filter(
      (content) => !content.includes("CERTIFICATE"),
    ))
      if (secret.length > 10) expect(printed).not.toContain(secret.trim());
  });

  test("have a certificate that names nobody, never ends, and is pinned by its key", () => {
    const certificate = new X509Certificate(ring.tls.cert);
    expect(certificate.subject).toBe("CN=tiermesh gateway");
    expect(certificate.validToDate.getUTCFullYear()).toBe(9999);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const again = new X509Certificate(ringOf({}).tls.cert);
    expect(again.fingerprint256).toBe(certificate.fingerprint256);
    expect(ring.tls.pin).toMatch(/^sha-256:[A-Za-z0-9+/]{43}=$/);
  });
});

describe("a ring", () => {
  test("names its public keys by the thumbprints that jose computes", async () => {
    for (const { kid, jwk } of ring.publicKeys) expect(await calculateJwkThumbprint(jwk)).toBe(kid);
    expect(ring.publicKeys.map(({ kid }) => kid)).toEqual([ring.signKid, ring.encKid]);
  });

  test.each(Object.keys(KEY_FILES))("without %s can't be read, and says which file is missing", (missing) => {
    const read = () => readKeys((name) => (name === missing ? undefined : files.get(name)));
    expect(read).toThrow(
      expect.objectContaining({ code: "KEY_MISSING", context: { file: `keys/${missing}` } }),
    );
  });

  const DAMAGED: readonly (readonly [file: string, what: string, content: () => string])[] = [
    ["signing.jwk.json", "text", () => "x"],
    ["signing.jwk.json", "a key for encryption", () => files.get("encryption.jwk.json") ?? ""],
    ["encryption.jwk.json", "a key for signatures", () => files.get("signing.jwk.json") ?? ""],
    [
      "operator.jwk.json",
      "a public key",
      () => JSON.stringify(ring.operatorPublicKey.export({ format: "jwk" })),
    ],
    ["tls.key.pem", "a certificate", () => files.get("tls.cert.pem") ?? ""],
    ["tls.cert.pem", "a key", () => files.get("tls.key.pem") ?? ""],
    ["cursor.key", "31 bytes", () => Buffer.alloc(31).toString("base64url")],
    ["cursor.key", "another spelling", () => `${Buffer.alloc(32).toString("base64")}`],
    ["pseudonym-epoch", "zero", () => "0"],
    ["pseudonym-epoch", "a fraction", () => "1.5"],
  ];
  test.each(DAMAGED)("whose %s holds %s can't be read", (file, _what, content) => {
    const read = () => ringOf({ [file]: content() });
    expect(read).toThrow(MeshError);
    expect(read).toThrow(`keys/${file} is damaged`);
  });

  test("whose certificate is around another key can't be read", async () => {
    const other = keyFiles(await createKeys()).get("tls.cert.pem") ?? "";
    expect(() => ringOf({ "tls.cert.pem": other })).toThrow("keys/tls.cert.pem is damaged");
  });
});

describe("pseudonym keys", () => {
  const mac = (of: KeyRing, partner: string, domain: string) =>
    createHmac("sha256", of.pseudonyms.key(partner, domain)).update("4711").digest("hex");

  test("are the same object for the same partner and domain", () => {
    expect(ring.pseudonyms.key("a", "b")).toBe(ring.pseudonyms.key("a", "b"));
  });

  test("differ between partners, domains, epochs and companies, also where the names would join alike", async () => {
    const other = keyFiles(await createKeys());
    const macs = [
      mac(ring, "urn:x-a:1", "part"),
      mac(ring, "urn:x-a:2", "part"),
      mac(ring, "urn:x-a:1", "site"),
      mac(ring, "urn:x-a:1p", "art"),
      mac(ring, 'urn:x-a:1","p', "art"),
      mac(ringOf({ "pseudonym-epoch": "2\n" }), "urn:x-a:1", "part"),
      mac(ringOf({ "pseudonym.key": other.get("pseudonym.key") ?? "" }), "urn:x-a:1", "part"),
    ];
    expect(new Set(macs).size).toBe(macs.length);
  });

  test("are the same after a restart", () => {
    expect(mac(ringOf({}), "a", "b")).toBe(mac(ring, "a", "b"));
  });

  test("are the same after so many others that they were forgotten", () => {
    const before = mac(ring, "first", "domain");
    const key = ring.pseudonyms.key("first", "domain");
    for (let index = 0; index < 5000; index++) ring.pseudonyms.key("other", `domain-${index}`);
    expect(ring.pseudonyms.key("first", "domain")).not.toBe(key);
    expect(mac(ring, "first", "domain")).toBe(before);
  });
});

describe("earlier epochs", () => {
  const text = (of: KeyRing, epoch: number) => of.pseudonymsAt(epoch).key("a", "b").export().toString("hex");

  test("of pseudonyms are found again from the same master", () => {
    const later = ringOf({ "pseudonym-epoch": "3\n" });
    expect(text(later, 1)).toBe(ring.pseudonyms.key("a", "b").export().toString("hex"));
    expect([later.pseudonyms.epoch, later.pseudonymsAt(2).epoch]).toEqual([3, 2]);
    expect(new Set([1, 2, 3].map((epoch) => text(later, epoch))).size).toBe(3);
  });
});

describe("the keys that open what was encrypted", () => {
  const opening = (present: Readonly<Record<string, string>>) =>
    readOpeningKeys(Object.keys(present), (name) => present[name]);
  const encryption = () => files.get("encryption.jwk.json") ?? "";

  test("are the present one and those that were it before, by their thumbprints, and need no other file", async () => {
    const earlier = keyFiles(await createKeys());
    const keys = opening({
      "encryption.jwk.json": encryption(),
      "encryption-2025.jwk.json": earlier.get("encryption.jwk.json") ?? "",
      "encryption-notes.txt": "not a key",
      "signing.jwk.json": "not asked for",
    });
    const kid = readKeys((name) => earlier.get(name)).encKid;
    expect([...keys.keys()]).toEqual([ring.encKid, kid]);
    expect(keys.get(ring.encKid)?.equals(ring.decryptionKey)).toBe(true);
  });

  test("are missing when the present one is, and an earlier one that is damaged is named", () => {
    expect(() => opening({})).toThrow("There is no keys/encryption.jwk.json");
    const damaged = { "encryption.jwk.json": encryption(), "encryption-old.jwk.json": "x" };
    expect(() => opening(damaged)).toThrow(
      expect.objectContaining({ code: "KEY_MISSING", context: { file: "keys/encryption-old.jwk.json" } }),
    );
  });
});

test("a ring encrypts with keys of its own company: the same after a restart, others than another's", async () => {
  const other = keyFiles(await createKeys());
  const { kid, x } = newRecipient();
  const token = (of: KeyRing) => of.sealer.seal("1", PLACE, "r", { kid, x }, AGE);
  expect(token(ringOf({}))).toBe(token(ring));
  expect(token(ringOf({ "opaque.key": other.get("opaque.key") ?? "" }))).not.toBe(token(ring));
});

test("opaque keys differ by use", () => {
  const [one, other] = [ring.opaque.opaque("event-id"), ring.opaque.opaque("provenance")];
  expect(one.export().equals(other.export())).toBe(false);
});
