import { expect, test } from "vitest";
import { genesis } from "../../src/kernel/chain.ts";

test("the beginning of a chain is known, and another one for each agreement and partition", () => {
  expect(genesis("a", 0)).toBe("sha-256:53da87362635b1ea3040c028a30a3de4a657c60db5ea889d803fe530fe7f1fea");
  expect(new Set([genesis("a", 0), genesis("a", 1), genesis("b", 0), genesis("a\n1", 0)]).size).toBe(4);
});
