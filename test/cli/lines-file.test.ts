import { expect, test } from "vitest";
import { readLinesOf } from "../../src/cli/lines-file.ts";
import { Refusal } from "../../src/cli/refusal.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

const texts = (lines: readonly Uint8Array[]) => lines.map((line) => Buffer.from(line).toString());

test("lines come from a file, or from standard input", async () => {
  const { context } = kept(folderWith({ "a.txt": "1\n\n2" }));
  expect(texts(await readLinesOf("a.txt", context))).toEqual(["1", "", "2"]);
  const typed = { ...context, readInput: () => Promise.resolve(Buffer.from("3\n4\n")) };
  expect(texts(await readLinesOf("-", typed))).toEqual(["3", "4"]);
});

test("a file that is not there is named", async () => {
  const { context } = kept(folderWith({}));
  await expect(readLinesOf("none.txt", context)).rejects.toThrow(Refusal);
});
