import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldPaths, pointerOf, type Step } from "../../src/cli/field-paths.ts";
import { matchPointer } from "../../src/kernel/pointer.ts";

const steps: readonly Step[] = [{ member: "a/b" }, { element: 3 }, { member: "~" }];

describe("the paths of a value", () => {
  test("are its names or `*`, and `*` for elements, the one without maps first", () => {
    expect([...fieldPaths(steps)]).toEqual(["/a~1b/*/~0", "/a~1b/*/*", "/*/*/~0", "/*/*/*"]);
    expect([...fieldPaths([])]).toEqual([""]);
  });

  test("all match its pointer, and there are two for each member", () => {
    const step = fc.oneof(fc.record({ member: fc.string() }), fc.record({ element: fc.nat(9) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (way) => {
        const paths = [...fieldPaths(way)];
        const members = way.filter((each) => "member" in each && each.member !== "*").length;
        expect(new Set(paths).size).toBe(2 ** members);
        for (const path of paths) expect(matchPointer(path, pointerOf(way))).toBe(true);
      }),
    );
  });

  test("are made only as far as they are asked for", () => {
    const deep = Array.from({ length: 100 }, (_, index) => ({ member: `m${index}` }));
    expect([...fieldPaths(deep).take(3)]).toHaveLength(3);
  });
});

test("a pointer names elements by their index", () => expect(pointerOf(steps)).toBe("/a~1b/3/~0"));
