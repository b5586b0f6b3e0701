import { describe, expect, it } from "vitest";
import { isPointer, meets, segmentsOf } from "../../src/policy/path.ts";

describe("a rule's path", () => {
  it.each([
    ["/a/b", "/a/b", true],
    ["/a/*", "/a/b", true],
    ["/a/0", "/a/*", true],
    ["/a", "/a/b", false],
    ["/a/b", "/a", false],
    ["/a/b", "/a/c", false],
    ["", "", true],
    ["/a~1b", "/a~1b", true],
  ])("%s names the field %s: %s", (rule, field, named) => {
    expect(meets(rule, field)).toBe(named);
  });

  it("is a pointer of RFC 6901, or names nothing", () => {
    expect([isPointer(""), isPointer("/a~0b"), isPointer("a"), isPointer("/~2")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([segmentsOf("/a~1b/"), segmentsOf("a/b")]).toEqual([["a/b", ""], ["a/b"]]);
  });
});
