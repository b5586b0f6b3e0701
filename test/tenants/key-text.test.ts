import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { pinOf } from "../../src/kernel/pin.ts";
import { epoch, privateKey, secretKey, tlsCertificate, tlsKey } from "../../src/tenants/key-text.ts";
import { createTlsIdentity } from "../../src/tenants/tls-identity.ts";

const jwkText = (key: KeyObject): string => JSON.stringify(key.export({ format: "jwk" }));
const signing = generateKeyPairSync("ed25519");
const exchange = generateKeyPairSync("x25519");

describe("the text of a private key", () => {
  test("is read on its own curve", () => {
    const key = privateKey("ed25519")(`${jwkText(signing.privateKey)}\n`);
    expect(key?.export({ format: "jwk" })).toEqual(signing.privateKey.export({ format: "jwk" }));
    expect(privateKey("x25519")(jwkText(exchange.privateKey))?.type).toBe("private");
  });

  test.each([
    ["a key of the other curve", jwkText(exchange.privateKey)],
    ["a public key", jwkText(signing.publicKey)],
    ["no JSON", "{"],
    ["no object", "null"],
    ["nothing", ""],
    ["RSA", jwkText(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey)],
  ])("is refused when it is %s", (_, text) => {
    expect(privateKey("ed25519")(text)).toBeUndefined();
  });
});

describe("the text of a secret key", () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));

  test("is 32 bytes, with or without a line's end", () => {
    for (const end of ["", "\n", "\r\n"])
      expect(
        secretKey(bytes.toString("base64url") + end)
          ?.export()
          .equals(bytes),
      ).toBe(true);
  });

  test.each([
    ["31 bytes", Buffer.alloc(31).toString("base64url")],
    ["33 bytes", Buffer.alloc(33).toString("base64url")],
    ["padded", `${bytes.toString("base64url")}=`],
    ["in the other alphabet", bytes.toString("base64")],
    ["with bits set that belong to no byte", `${Buffer.alloc(32).toString("base64url").slice(0, -1)}B`],
    ["nothing", ""],
  ])("is refused when it is %s", (_, text) => {
    expect(secretKey(text)).toBeUndefined();
  });
});

describe("the text of an epoch", () => {
  test("is a whole number from 1", () => {
    expect([epoch("1\n"), epoch("42"), epoch("999999999")]).toEqual([1, 42, 999_999_999]);
  });

  test.each(["0", "01", "-1", "1.5", "1e3", "", "one", "1000000000"])("is refused when it is %j", (text) => {
    expect(epoch(text)).toBeUndefined();
  });
});

describe("the texts of a TLS identity", () => {
  let identity: { readonly key: string; readonly cert: string };
  let other: typeof identity;
  beforeAll(async () => {
    identity = await createTlsIdentity();
    other = await createTlsIdentity();
  });
  const certificateFor = (key: string, cert: string) => {
    const read = tlsKey(key);
    return read && tlsCertificate(read.key)(cert);
  };

  test("are a key, and a certificate around it with the pin of its public key", () => {
    const spki = new X509Certificate(identity.cert).publicKey.export({ type: "spki", format: "der" });
    expect(tlsKey(identity.key)?.pem.reveal()).toBe(identity.key);
    expect(certificateFor(identity.key, identity.cert)).toEqual({ pem: identity.cert, pin: pinOf(spki) });
  });

  test("are refused when the certificate is around another key, or one stands for the other", () => {
    expect(certificateFor(identity.key, other.cert)).toBeUndefined();
    expect(certificateFor(identity.key, identity.key)).toBeUndefined();
    expect(tlsKey(identity.cert)).toBeUndefined();
  });

  test("do not print the key", () => {
    expect(inspect(tlsKey(identity.key), { depth: 9 })).not.toContain(identity.key.split("\n")[1]);
  });
});
