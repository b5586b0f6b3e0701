import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cursor, openCursor, sealCursor } from "../../../src/bridge/frames/cursor.ts";

const key = createSecretKey(randomBytes(32));
const cursor: Cursor = {
  topicId: "00112233445566778899aabbccddeeff",
  position: { partition: 7, offset: 1_234_567_890_123n, leaderEpoch: -1 },
  sequence: 99,
  previous: `sha-256:${"ab".repeat(32)}`,
};

describe("a cursor", () => {
  test("opens to what was sealed, for the same agreement and key", () => {
    expect(openCursor(sealCursor(cursor, "a", key), "a", key)).toEqual(cursor);
  });
  test("has one length whatever the offset, and another text each time", () => {
    const offsets = [0n, 1n, 2n ** 62n];
    const texts = offsets.map((offset) =>
      sealCursor({ ...cursor, position: { ...cursor.position, offset } }, "a", key),
    );
    expect(new Set(texts.map((text) => text.length)).size).toBe(1);
    expect(sealCursor(cursor, "a", key)).not.toBe(sealCursor(cursor, "a", key));
  });
  test("of another agreement, of another key, or changed anywhere is refused", () => {
    const text = sealCursor(cursor, "a", key);
    expect(() => openCursor(text, "b", key)).toThrow(/not sealed/);
    expect(() => openCursor(text, "a", createSecretKey(randomBytes(32)))).toThrow(/not sealed/);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 * 8 - 1 }), (bit) => {
        const bytes = Buffer.from(text, "base64url");
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => openCursor(bytes.toString("base64url"), "a", key)).toThrow(/not sealed/);
      }),
    );
  });
  test("that is any other text is refused", () => {
    for (const text of ["", "x", "0".repeat(135), `${sealCursor(cursor, "a", key)}AAAA`])
      expect(() => openCursor(text, "a", key)).toThrow(/not sealed/);
  });
});
