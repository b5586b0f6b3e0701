import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meets } from "../../src/policy/path.ts";
import { PathIndex } from "../../src/policy/path-index.ts";

const anyPath = fc
  .array(fc.constantFrom("a", "b", "*", "0"), { maxLength: 3 })
  .map((names) => names.map((each) => `/${each}`).join(""));

function indexOf(paths: readonly string[]): PathIndex<number> {
  const index = new PathIndex<number>();
  for (const [item, path] of paths.entries()) index.add(path, item);
  return index;
}

describe("the index of what rules say", () => {
  it("finds for a field just the items whose paths name it", () => {
    fc.assert(
      fc.property(fc.array(anyPath, { maxLength: 6 }), anyPath, (paths, field) => {
        const named = [...paths.keys()].filter((item) => meets(paths[item] ?? "", field));
        expect(indexOf(paths).on(field).sort()).toEqual(named.sort());
      }),
    );
  });

  it("finds what is said of anything inside a field, and not of the field itself", () => {
    const paths = ["/a", "/a/b", "/*/c/d", "/b/x"];
    const inside = indexOf(paths).inside("/a");
    expect(inside.map((item) => paths[item]).sort()).toEqual(["/*/c/d", "/a/b"]);
  });
});
