import { describe, expect, it } from "vitest";
import { changed, read } from "./sample.ts";

const mendsOf = (key: string): readonly string[] =>
  read(changed("  - {property: mesh.scope,", `  - ${key}\n  - {property: mesh.scope,`)).problems.map(
    ({ mend }) => mend,
  );

describe("a pointer of the profile", () => {
  it("to a field that leaves is taken", () => {
    expect(mendsOf("{property: mesh.key, value: {from: /material}}")).toEqual([]);
  });

  it("that is mistyped is told the nearest field", () => {
    expect(mendsOf("{property: mesh.key, value: {from: /materiel}}")).toEqual(["Did you mean `/material`?"]);
  });

  it("into a list, or to a whole list, is no one value", () => {
    const mend = "Name a field with a value of its own, outside of lists.";
    for (const from of ["/stocks/*/site", "/stocks"]) {
      expect(mendsOf(`{property: mesh.key, value: {from: ${from}}}`)).toEqual([mend]);
    }
  });
});
