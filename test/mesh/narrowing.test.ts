import { describe, expect, test } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import { narrowedInVain } from "../../src/mesh/narrowing.ts";
import { field, number, share, text } from "../policy/sample.ts";

const root = field("", {
  members: {
    site: text(share),
    extra: { types: ["object"], action: share },
    open: { action: share },
    "a~1b": text(share),
    lots: { members: { "*": text(share) } },
    series: { elements: { members: { demand: number(share) } } },
  },
});
const drop: FieldAction = { action: "drop" };
const vain = (...pointers: readonly string[]): readonly string[] =>
  narrowedInVain({ narrow: new Map(pointers.map((pointer) => [pointer, drop])) }, { root });

describe("what an agreement narrows", () => {
  test.each([
    ["a field", "/site"],
    ["the whole", ""],
    ["a container", "/series"],
    ["a field of every element", "/series/*/demand"],
    ["a field of one element, which is all of them", "/series/0/demand"],
    ["a value of a map by its name", "/lots/L-1"],
    ["any field", "/*"],
    ["a name with a slash", "/a~1b"],
    ["something inside a field that leaves whole", "/extra/price"],
    ["something inside a field of any type", "/open/price/net"],
  ])("may be %s", (_, pointer) => expect(vain(pointer)).toEqual([]));

  test.each([
    ["a name that is mistyped", "/sit"],
    ["a path that is too short", "/demand"],
    ["a path that is too long", "/series/*/demand/value"],
    ["something inside a text", "/site/name"],
    ["a name that every object has", "/constructor"],
  ])("is nothing by %s", (_, pointer) => expect(vain("/site", pointer)).toEqual([pointer]));
});
