import { Buffer } from "node:buffer";
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { opaqueKeys, pseudonymKeys } from "../../src/tenants/derived-keys.ts";

const MASTER = createSecretKey(Buffer.alloc(32, 7));
const hex = (key: KeyObject): string => key.export().toString("hex");

/** RFC 5869 with SHA-256 and no salt, up to 32 bytes, as the clauses have it: extract, then one step of expand. */
function hkdf(master: KeyObject, info: string): string {
  const pseudorandom = createHmac("sha256", Buffer.alloc(32)).update(master.export()).digest();
  return createHmac("sha256", pseudorandom)
    .update(info)
    .update(Buffer.from([1]))
    .digest("hex");
}

describe("pseudonym keys", () => {
  test("are HKDF of the master over partner, domain and epoch: another implementation finds the same pseudonyms", () => {
    const key = pseudonymKeys(MASTER, 3).key("urn:x-a:1", "part");
    expect(hex(key)).toBe(hkdf(MASTER, '["tiermesh/v1 pseudonym","urn:x-a:1","part",3]'));
  });

  test("name their epoch", () => expect(pseudonymKeys(MASTER, 3).epoch).toBe(3));

  test("are held, and one that was used lately outlives those that were not", () => {
    const keys = pseudonymKeys(MASTER, 1);
    const [used, left] = [keys.key("used", "d"), keys.key("left", "d")];
    for (let index = 0; index < 4095; index += 1) {
      keys.key("other", `${index}`);
      expect(keys.key("used", "d")).toBe(used);
    }
    expect(keys.key("left", "d")).not.toBe(left);
    expect(hex(keys.key("left", "d"))).toBe(hex(left));
  });
});

describe("opaque keys", () => {
  test("are HKDF of the master over the use", () => {
    expect(hex(opaqueKeys(MASTER).opaque("event-id"))).toBe(
      hkdf(MASTER, '["tiermesh/v1 opaque","event-id"]'),
    );
  });

  test("are none of the pseudonym keys, also under one master and with names that look alike", () => {
    const opaque = hex(opaqueKeys(MASTER).opaque('a","b",1'));
    expect(opaque).not.toBe(hex(pseudonymKeys(MASTER, 1).key("a", "b")));
  });
});
