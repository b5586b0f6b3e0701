import { describe, expect, test } from "vitest";
import { listText, shortened } from "../../../src/cli/explain/fitted.ts";

describe("a text that is too wide", () => {
  test.each([
    ["/demand", 7, "/demand"],
    ["/demandSeries/*/demands/*/demand", 20, "/demandSe…/*/demand"],
    ["abcdefghijkl", 7, "abc…jkl"],
    ["abcdefghijkl", 1, "a…l"],
  ])("%s in %i characters is %s", (text, width, short) => {
    expect(shortened(text, width)).toBe(short);
  });
});

test("a list has its words in a column, in as many lines as they need", () => {
  const rows = [
    ["a", "one two three"],
    ["name", "Wortungetuemer\u001b ja"],
  ] as const;
  expect(listText(rows, 14).split("\n")).toEqual([
    "a     one two",
    "      three",
    "name  Wortungetuemer\uFFFD",
    "      ja",
    "",
  ]);
});
