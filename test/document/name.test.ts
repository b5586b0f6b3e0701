import { describe, expect, it } from "vitest";
import { nearestName, quoteName } from "../../src/document/name.ts";

describe("the nearest name", () => {
  const known = ["mesh.headers", "mesh.purposes", "mesh.schema", "retention"];
  it.each([
    ["mesh.header", "mesh.headers"],
    ["mesh.pruposes", "mesh.purposes"],
    ["Retention", "retention"],
    ["mesh.chemas", "mesh.schema"],
    ["colour", undefined],
    ["", undefined],
  ])("to %j is %j", (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });

  it("is found in time however long the name is", () => {
    expect(nearestName("x".repeat(1_000_000), known)).toBeUndefined();
  });
});

describe("a name in a message", () => {
  it("is quoted, short and without what steers a terminal", () => {
    expect(quoteName("a b")).toBe("`a b`");
    expect(quoteName("\u001b[2J\u202eabc")).toBe("`\uFFFD[2J\uFFFDabc`");
    expect(quoteName("x".repeat(100))).toHaveLength(63);
  });
});
