import { describe, expect, it } from "vitest";
import { readDocument } from "../../../../src/document/document.ts";
import { checkShape, compileShape } from "../../../../src/document/shape.ts";
import { SHARED_DEFINITIONS } from "../../../../src/mesh/contracts/odcs/pieces.ts";
import { QUALITY } from "../../../../src/mesh/contracts/odcs/quality.ts";

const shape = compileShape({ ...QUALITY, $defs: SHARED_DEFINITIONS }, "odcs");

function rulesOf(check: object): readonly string[] {
  const document = readDocument(JSON.stringify([check]), "a.yaml");
  if (!document.ok) throw new Error("It is well-formed.");
  return checkShape(document.value, shape).map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe("a quality check of ODCS", () => {
  it.each([
    [{ metric: "nullValues", mustBe: 0 }],
    [{ type: "library", rule: "duplicateCount", mustBeLessThan: 10 }],
    [{ type: "sql", query: "SELECT 1", mustBeBetween: [1, 2] }],
    [{ type: "custom", engine: "soda", implementation: { type: "x" } }],
    [{ type: "text", description: "Should be right." }],
    [{ description: "Should be right." }],
  ])("of the form %j is one", (check) => {
    expect(rulesOf(check)).toEqual([]);
  });

  it.each([
    [{ metric: "nullValues" }, "/0 odcs.required"],
    [{ type: "library", mustBe: 0 }, "/0 odcs.required"],
    [{ metric: "nullValues", mustBe: 0, mustNotBe: 1 }, "/0 odcs.form"],
    [{ type: "sql", mustBe: 0 }, "/0 odcs.required"],
    [{ type: "text", query: "SELECT 1" }, "/0/query odcs.unknown-key"],
    [{ metric: "rowCount", mustBeBetween: [1, 1] }, "/0/mustBeBetween odcs.unique"],
  ])("of the form %j is none: %s", (check, rule) => {
    expect(rulesOf(check)).toContain(rule);
  });
});
