import { describe, expect, it } from "vitest";
import { difference } from "../../../dev/demo/difference.ts";

describe("difference", () => {
  it("finds nothing when the same records stand in the same order", () => {
    expect(difference(["a", "b", "c"], ["a", "b", "c"], false)).toEqual([]);
  });

  it.each([
    { what: "a record is missing", found: ["a", "c"] },
    { what: "a record stands twice", found: ["a", "b", "b", "c"] },
    { what: "two records changed places", found: ["b", "a", "c"] },
    { what: "a record came that must not leave", found: ["a", "x", "b", "c"] },
    { what: "one is missing and another stands twice", found: ["a", "b", "b"] },
    { what: "nothing came", found: [] },
  ])("finds that $what", ({ found }) => {
    expect(difference(["a", "b", "c"], found, false)).toHaveLength(1);
  });

  it("takes the beginning of a stream that was cut", () => {
    expect(difference(["a", "b", "c"], ["a", "b"], true)).toEqual([]);
    expect(difference(["a", "b", "c"], [], true)).toEqual([]);
  });

  it("finds a gap in a stream that was cut", () => {
    expect(difference(["a", "b", "c"], ["a", "c"], true)).toHaveLength(1);
  });

  it("finds more than was sent in a stream that was cut", () => {
    expect(difference(["a"], ["a", "b"], true)).toHaveLength(1);
  });
});
