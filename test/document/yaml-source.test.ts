import { describe, expect, it } from "vitest";
import { readYaml } from "../../src/document/yaml-source.ts";

describe("YAML source", () => {
  it("that is one document has no faults", () => {
    const { document, faults } = readYaml("a: [1, {b: c}]\n");
    expect(faults).toEqual([]);
    expect(document?.toJS()).toEqual({ a: [1, { b: "c" }] });
  });

  it("has every fault with its offset", () => {
    const { faults } = readYaml("a: @b\nc: 'd'e\n");
    expect(faults.map(({ at, rule }) => [at, rule])).toEqual([
      [3, "file.syntax"],
      [12, "file.syntax"],
    ]);
  });

  it("that is deep by dashes, brackets or indentation is left before it is composed", () => {
    for (const text of ["- ".repeat(70), "[".repeat(70), `${"{a: ".repeat(70)}1${"}".repeat(70)}`]) {
      const { document, faults } = readYaml(text);
      expect(document).toBeUndefined();
      expect(faults.map(({ rule }) => rule)).toEqual(["file.too-deep"]);
    }
  });
});
