import { describe, expect, test } from "vitest";
import {
  decodeEntry,
  encodeEntry,
  entryDigest,
  entryKey,
  type RegistryEntry,
} from "../../../src/mesh/registry/entry.ts";

const entry: RegistryEntry = {
  kind: "Partner",
  name: "urn:bpn:BPNL00000007QWER",
  main: "partner.yaml",
  files: { "partner.yaml": "kind: Partner", "card.yaml": "kind: Card" },
  acceptedAt: "2026-12-15T12:00:00.000Z",
  acceptedBy: "operator",
};
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe("a registry entry", () => {
  test("comes back from its bytes, and lies under its kind and name", () => {
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    expect(entryKey(entry)).toBe("Partner/urn:bpn:BPNL00000007QWER");
  });

  test("has one digest whoever accepted it and when, and another with any other text", () => {
    const again = { ...entry, acceptedAt: "2027-01-01T00:00:00.000Z", acceptedBy: "urn:x-y:z" };
    expect(entryDigest(again)).toBe(entryDigest(entry));
    const edited = { ...entry, files: { ...entry.files, "card.yaml": "kind: Card " } };
    expect(entryDigest(edited)).not.toBe(entryDigest(entry));
    expect(entryDigest({ ...entry, main: "card.yaml" })).not.toBe(entryDigest(entry));
  });

  test.each<[string, Uint8Array]>([
    ["bytes that are not JSON", Buffer.from("kind: Partner")],
    ["a list", bytes([entry])],
    ["null", bytes(null)],
    ["a kind that this version does not know", bytes({ ...entry, kind: "Wish" })],
    ["no name", bytes({ ...entry, name: undefined })],
    ["a number as time", bytes({ ...entry, acceptedAt: 7 })],
    ["no files", bytes({ ...entry, files: undefined })],
    ["a list of files", bytes({ ...entry, files: [] })],
    ["a file that is no text", bytes({ ...entry, files: { "partner.yaml": {} } })],
  ])("is none with %s", (_, given) => {
    expect(decodeEntry(given)).toBeUndefined();
  });
});
