import { describe, expect, it } from "vitest";
import { readDocument } from "../../../../src/document/document.ts";
import type { Problem } from "../../../../src/kernel/problem.ts";
import { Report } from "../../../../src/mesh/contracts/report.ts";
import { readSchemaFile, type SchemaFile } from "../../../../src/mesh/contracts/wire/schema-file.ts";

function survey(schema: object): { file: SchemaFile | undefined; problems: readonly Problem[] } {
  const document = readDocument(JSON.stringify(schema), "a.json");
  if (!document.ok) throw new Error("It is JSON.");
  const report = new Report();
  return { file: readSchemaFile("a.json", document.value, report), problems: report.problems };
}

const V2020 = "https://json-schema.org/draft/2020-12/schema";
const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

describe("a schema file", () => {
  it("knows its anchors, in the words of its version", () => {
    const modern = survey({ $schema: V2020, $defs: { a: { $anchor: "short" } } });
    const older = survey({ $schema: DRAFT_07, definitions: { a: { $id: "#short" } } });
    expect(modern.file?.anchors.get("short")).toBe("/$defs/a");
    expect(older.file?.anchors.get("short")).toBe("/definitions/a");
  });

  it("takes data for data: what looks like a reference in an example is none", () => {
    const data = { $ref: "https://evil.example/", $id: "b" };
    const { file, problems } = survey({
      $schema: V2020,
      const: data,
      default: data,
      examples: [data],
      enum: [data],
    });
    expect(problems).toEqual([]);
    expect(file?.references).toEqual([]);
  });

  it("takes a property named $ref for a property", () => {
    const { file, problems } = survey({
      $schema: V2020,
      properties: { $ref: { type: "string" }, $id: { type: "string" } },
    });
    expect(problems).toEqual([]);
    expect(file?.references).toEqual([]);
  });

  it("reports everything that is wrong with it at once", () => {
    const { file, problems } = survey({
      $schema: V2020,
      type: "objekt",
      properties: { a: { $ref: "/etc/passwd" } },
    });
    expect(file).toBeUndefined();
    expect(problems.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual([
      "mesh.schema-invalid /type",
      "mesh.schema-ref /properties/a/$ref",
    ]);
  });
});
