import { createCipheriv, createHmac, createSecretKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpaqueKeys } from "../../src/kernel/ports.ts";
import { eventIdsOf, opaqueEventId, openPlace, placeOf, placesOf } from "../../src/mesh/place.ts";

const ownKey = (seed: string, use: string) => createSecretKey(Buffer.from(`${seed}:${use}`));
const keys = (seed: string): OpaqueKeys => ({ opaque: (use) => ownKey(seed, use) });
const KEYS = keys("a");
const STREAM = { agreement: "8f5d1c2a", topicId: "t", partition: 1 };
const NAME = /^[A-Za-z0-9_-]{22}$/;

const anyPlace = fc.record({
  offset: fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }),
  sequence: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
});

/** A block under the key that the names of this use and these parts are made with. */
const sealed = (block: string, use: string, parts: string): string =>
  createCipheriv("aes-256-ecb", createHmac("sha256", ownKey("a", use)).update(parts).digest(), null)
    .setAutoPadding(false)
    .update(Buffer.from(block, "hex"))
    .toString("base64url");

describe("a place", () => {
  test("is told by its name to who made it", () => {
    fc.assert(
      fc.property(anyPlace, (place) => {
        const name = placeOf(STREAM, place, KEYS);
        expect(name).toMatch(NAME);
        expect(openPlace(name, STREAM, KEYS)).toEqual(place);
      }),
    );
  });

  test("is offset and sequence of 48 bits each and 32 zeros, in one block", () => {
    const block = `${"000000000007"}${"000000000017"}00000000`;
    const expected = sealed(block, "place", "8f5d1c2a\nt\n1");
    expect(placeOf(STREAM, { offset: 7n, sequence: 23 }, KEYS)).toBe(expected);
  });

  test("is nobody else's, of no other agreement, topic or partition", () => {
    const name = placeOf(STREAM, { offset: 7n, sequence: 23 }, KEYS);
    const others = [
      { ...STREAM, agreement: "x" },
      { ...STREAM, topicId: "u" },
      { ...STREAM, partition: 2 },
    ];
    for (const other of others) expect(openPlace(name, other, KEYS)).toBeUndefined();
    expect(openPlace(name, STREAM, keys("b"))).toBeUndefined();
  });

  test("is told from what was made up, and has one spelling", () => {
    const name = placeOf(STREAM, { offset: 7n, sequence: 23 }, KEYS);
    const wrong = [
      "",
      name.slice(1),
      `${name}A`,
      `${name.slice(0, -1)}=`,
      // The other 15 spellings of the last two bits.
      ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .split("")
        .map((last) => name.slice(0, -1) + last)
        .filter((text) => text !== name),
      sealed("00".repeat(15).concat("01"), "place", "8f5d1c2a\nt\n1"),
      sealed(`${"00".repeat(12)}01000000`, "place", "8f5d1c2a\nt\n1"),
    ];
    for (const text of wrong) expect(openPlace(text, STREAM, KEYS), text).toBeUndefined();
  });

  test("is one that 48 bits hold", () => {
    expect(() => placeOf(STREAM, { offset: 2n ** 48n, sequence: 0 }, KEYS)).toThrow();
    expect(() => placeOf(STREAM, { offset: 0n, sequence: 2 ** 48 }, KEYS)).toThrow();
    expect(() => placeOf(STREAM, { offset: -1n, sequence: 0 }, KEYS)).toThrow();
  });
});

describe("an event id made by us", () => {
  test("is the same for the same record, another for every other, and not a place", () => {
    const id = opaqueEventId("t", 0, 5n, KEYS);
    expect(id).toBe(opaqueEventId("t", 0, 5n, keys("a")));
    const others = [
      opaqueEventId("u", 0, 5n, KEYS),
      opaqueEventId("t", 1, 5n, KEYS),
      opaqueEventId("t", 0, 6n, KEYS),
      opaqueEventId("t", 0, 5n, keys("b")),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
    expect(id).toMatch(NAME);
    expect(openPlace(id, { ...STREAM, partition: 0 }, KEYS)).toBeUndefined();
  });

  test("is partition, offset and zeros in one block", () => {
    expect(opaqueEventId("t", 258, 5n, KEYS)).toBe(
      sealed("00000102000000000000000500000000", "event-id", "t"),
    );
  });
});

test("many names are made as each would be", () => {
  const blocks = Buffer.alloc(32);
  blocks.writeBigUInt64BE(5n, 4);
  blocks.writeUIntBE(9, 22, 6);
  const ids = eventIdsOf("t", KEYS)(blocks);
  const places = placesOf(STREAM, KEYS)(blocks);
  expect(ids.subarray(0, 16).toString("base64url")).toBe(opaqueEventId("t", 0, 5n, KEYS));
  expect(places.subarray(16).toString("base64url")).toBe(placeOf(STREAM, { offset: 0n, sequence: 9 }, KEYS));
});
