import { expect, test } from "vitest";
import { digestOf, digestOfBytes, sha256 } from "../../src/kernel/digest.ts";

const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("sha256 and digestOfBytes give the example of FIPS 180-4", () => {
  expect(sha256(Buffer.from("abc")).toString("hex")).toBe(ABC);
  expect(digestOfBytes(Buffer.from("abc"))).toBe(`sha-256:${ABC}`);
});

test("digestOf is over the canonical form: order and spelling make no difference, values do", () => {
  expect(digestOf({ b: 1, a: "é" })).toBe(digestOfBytes(Buffer.from('{"a":"é","b":1}')));
  expect(digestOf({ a: "é", b: 1.0 })).toBe(digestOf({ b: 1, a: "\u00e9" }));
  expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: 2 }));
});
