import { describe, expect, test } from "vitest";
import { linesOf } from "../../src/mesh/lines.ts";

const linesIn = async (...texts: string[]): Promise<readonly string[]> => {
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
  }
  return await Array.fromAsync(linesOf(chunks(), 8));
};

describe("lines of a stream", () => {
  test("are the same however the bytes arrive", async () => {
    expect(await linesIn("a\nbc\n")).toEqual(["a", "bc"]);
    expect(await linesIn("a", "\nb", "c\n")).toEqual(["a", "bc"]);
    expect(await linesIn()).toEqual([]);
  });
  test("of which the last was cut off are refused", async () => {
    await expect(linesIn("a\nb")).rejects.toThrow(/ended inside a line/);
  });
  test("of which one has no end in sight are refused", async () => {
    await expect(linesIn("a\n", "123456789")).rejects.toThrow(/longer than any/);
  });
});
