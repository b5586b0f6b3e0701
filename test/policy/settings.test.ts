import { describe, expect, it } from "vitest";
import { isCategory, isClassification, isTextList, settingsOf } from "../../src/policy/settings.ts";

describe("settings", () => {
  it("are an object with no members but those that the module knows", () => {
    expect(settingsOf({ a: 1 }, ["a", "b"])).toEqual({ a: 1 });
    expect(settingsOf(null, ["a"])).toEqual({});
    for (const other of [{ c: 1 }, [], "a", 1, true]) expect(settingsOf(other, ["a"])).toBeUndefined();
  });

  it("know the words of the contract", () => {
    expect([isCategory("price"), isCategory("prize"), isCategory("toString")]).toEqual([true, false, false]);
    expect([isClassification("internal"), isClassification("secret"), isClassification(1)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isTextList([]), isTextList(["a"]), isTextList(["a", 1]), isTextList("a")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
