import { expect, test } from "vitest";
import { discard } from "../../src/kernel/discard.ts";

test("bytes with memory of their own are gone, with all that looks into it", () => {
  const bytes = Buffer.alloc(100_000, 1);
  const view = bytes.subarray(10, 20);
  discard(view);
  expect([bytes.length, view.length, bytes.buffer.byteLength]).toEqual([0, 0, 0]);
});

test("those that Node keeps in one piece with others stay", () => {
  const [one, other] = [Buffer.from("one"), Buffer.from("other")];
  discard(one);
  expect([one.toString(), other.toString()]).toEqual(["one", "other"]);
});
