import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DemandIndex } from "../../src/policy/demand-index.ts";
import { meets } from "../../src/policy/path.ts";

const drop = { action: "drop" } as const;
const anyPath = fc
  .array(fc.constantFrom("a", "b", "*", "0"), { maxLength: 3 })
  .map((names) => names.map((each) => `/${each}`).join(""));

describe("the index of demands", () => {
  it("finds for a field just the demands whose paths name it", () => {
    fc.assert(
      fc.property(fc.array(anyPath, { maxLength: 6 }), anyPath, (paths, field) => {
        const rulings = paths.map((path, index) => ({
          by: `b/${index}`,
          rules: { fields: [{ path, action: drop }] },
        }));
        const found = new DemandIndex(rulings).on(field).map(({ by }) => by);
        const named = rulings.filter((_, index) => meets(paths[index] ?? "", field)).map(({ by }) => by);
        expect(found.sort()).toEqual(named.sort());
      }),
    );
  });

  it("finds what is demanded of anything inside a field, and not of the field itself", () => {
    const paths = ["/a", "/a/b", "/*/c/d", "/b/x"];
    const rulings = paths.map((path) => ({ by: path, rules: { fields: [{ path, action: drop }] } }));
    const inside = new DemandIndex(rulings).inside("/a");
    expect(inside.map(({ by }) => by).sort()).toEqual(["/*/c/d", "/a/b"]);
  });

  it("leaves out `share`, which takes nothing away", () => {
    const rules = { fields: [{ path: "/a", action: { action: "share" } as const }] };
    expect(new DemandIndex([{ by: "agreement", rules }]).on("/a")).toEqual([]);
  });
});
