import { describe, expect, it } from "vitest";
import type { ValueCheck } from "../../../../src/kernel/contract.ts";
import { changed, read, SCHEMA } from "../sample.ts";

const DRAFT_04 = "http://json-schema.org/draft-04/schema#";
const DRAFT_06 = "http://json-schema.org/draft-06/schema";

/** What is checked of the field `material` when the wire schema says this of it. */
function checkOf(material: unknown, more: object = {}): ValueCheck | undefined {
  const schema = { ...SCHEMA, properties: { ...SCHEMA.properties, material }, ...more };
  const { contract, problems } = read(
    changed("logicalType: string\n    classification: internal", "classification: internal"),
    {
      "payload.schema.json": schema,
    },
  );
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return contract?.root.members.get("material")?.check;
}

describe("what the wire schema demands of a field", () => {
  it.each([
    [
      "types and bounds",
      { type: ["integer", "null"], minimum: 1, exclusiveMaximum: 9, multipleOf: 2 },
      { types: ["integer", "null"], minimum: 1, exclusiveMaximum: 9, multipleOf: 2 },
    ],
    [
      "text",
      { type: "string", minLength: 1, maxLength: 9, pattern: "^a", format: "date" },
      { types: ["string"], minLength: 1, maxLength: 9, pattern: "^a", format: "date" },
    ],
    ["a constant", { const: "a" }, { types: ["string"], enum: ["a"] }],
    [
      "allowed values",
      { enum: ["a", null, 2] },
      { types: ["string", "null", "integer"], enum: ["a", null, 2] },
    ],
    [
      "all of several",
      { type: "number", minimum: 1, allOf: [{ type: "integer", minimum: 5 }, { maximum: 9 }] },
      { types: ["integer"], minimum: 5, maximum: 9 },
    ],
    [
      "allowed values of several",
      { enum: ["a", "b"], allOf: [{ enum: ["b", "c"] }] },
      { types: ["string"], enum: ["b"] },
    ],
    [
      "one of several",
      { oneOf: [{ type: "string", maxLength: 3 }, { type: "number" }] },
      { types: ["string", "number"] },
    ],
    ["one of several, of which one says nothing", { anyOf: [{ type: "string" }, {}] }, {}],
    [
      "a reference and what stands beside it",
      { $ref: "#/$defs/company", maxLength: 16 },
      { types: ["string"], maxLength: 16, pattern: "^BPNL[0-9A-Z]{12}$" },
    ],
    ["nothing", {}, {}],
    ["everything", true, {}],
    ["a value that can't be", false, { types: [] }],
    [
      "what may hold under a condition",
      { type: "string", dependentSchemas: { a: { pattern: "^a" } } },
      { types: ["string"] },
    ],
  ])("by %s is its check", (_what, material, check) => {
    expect(checkOf(material)).toEqual(check);
  });

  it("in draft-04 has bounds that a flag makes exclusive", () => {
    const material = {
      type: "number",
      minimum: 0,
      exclusiveMinimum: true,
      maximum: 5,
      exclusiveMaximum: false,
    };
    expect(checkOf(material, { $schema: DRAFT_04 })).toEqual({
      types: ["number"],
      exclusiveMinimum: 0,
      maximum: 5,
    });
  });

  it("until draft-07 is a reference and nothing beside it", () => {
    const more = { $schema: DRAFT_06, definitions: { a: { type: "string" } } };
    expect(checkOf({ $ref: "#/definitions/a", maxLength: 3 }, more)).toEqual({ types: ["string"] });
  });

  it("is found behind anchors and by the schema's own id", () => {
    const more = {
      $id: "https://example.com/stock.json",
      $defs: { ...SCHEMA.$defs, a: { $anchor: "short", type: "string", maxLength: 3 } },
    };
    expect(checkOf({ $ref: "#short" }, more)).toEqual({ types: ["string"], maxLength: 3 });
    expect(checkOf({ $ref: "https://example.com/stock.json#/$defs/a" }, more)).toEqual({
      types: ["string"],
      maxLength: 3,
    });
  });

  it("ends where references go in a circle", () => {
    const $defs = {
      ...SCHEMA.$defs,
      a: { allOf: [{ $ref: "#/$defs/b" }], minLength: 1 },
      b: { allOf: [{ $ref: "#/$defs/a" }], type: "string" },
    };
    expect(checkOf({ $ref: "#/$defs/a" }, { $defs })).toEqual({ types: ["string"], minLength: 1 });
  });

  it("asks for required members only when the contract lists them", () => {
    const { contract } = read(
      changed("  - {name: supplier, logicalType: string, classification: internal}\n", "").replace(
        "field: /supplier",
        "field: /material",
      ),
    );
    expect(contract?.root.check).toEqual({ types: ["object"], required: ["material"] });
  });

  it("in alternatives of an object is known, and bound by types alone", () => {
    const alternative = (type: string): object => ({ properties: { material: { type, maxLength: 3 } } });
    const { properties: known } = SCHEMA;
    const { material: _, ...others } = known;
    const schema = { ...SCHEMA, properties: others, oneOf: [alternative("string"), alternative("null")] };
    const { contract } = read(
      changed("logicalType: string\n    classification: internal", "classification: internal"),
      { "payload.schema.json": schema },
    );
    expect(contract?.root.members.get("material")?.check).toEqual({ types: ["string", "null"] });
  });
});
