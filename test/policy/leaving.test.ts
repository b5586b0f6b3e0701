import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { Json, JsonMembers } from "../../src/kernel/json.ts";
import { partnerSchema } from "../../src/policy/partner-schema.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { reader } from "./reader.ts";
import { contract, input, number, type Sketch, share, text } from "./sample.ts";

/** The schema of one member `v`, and whether it is required. */
function shapeOf(sketch: Sketch): readonly [Json | undefined, boolean] {
  const fields = { v: { ...sketch }, w: text(share) };
  const root = contract(fields).root;
  const subject = contract(fields, { root: { ...root, check: { ...root.check, required: ["v"] } } });
  const { properties, required } = partnerSchema(compilePlan(input(subject, { partner: reader }))) as {
    readonly [name: string]: JsonMembers | undefined;
  };
  return [properties?.v, Array.isArray(required)];
}

const round = (multiple: number): FieldAction => ({ action: "round", multiple, mode: "half-even" });
const types = (...names: NonNullable<Sketch["types"]>): Pick<Sketch, "types"> => ({ types: names });

describe("the schema of one value", () => {
  it.each<[string, Sketch, Json | undefined, boolean]>([
    [
      "shared is its check",
      text(share, { check: { maxLength: 4, pattern: "^a" } }),
      { type: "string", maxLength: 4, pattern: "^a" },
      true,
    ],
    [
      "shared has the formats that are checked",
      text(share, { check: { format: "date" } }),
      { type: "string", format: "date" },
      true,
    ],
    [
      "shared has no format that nobody checks",
      text(share, { check: { format: "iri" } }),
      { type: "string" },
      true,
    ],
    [
      "of two types has each with its own keywords",
      { ...types("string", "number"), action: share, check: { minLength: 1, minimum: 2 } },
      {
        anyOf: [
          { type: "string", minLength: 1 },
          { type: "number", minimum: 2 },
        ],
      },
      true,
    ],
    ["or null", { ...types("string", "null"), action: share }, { type: ["string", "null"] }, true],
    [
      "of an enum has the values of its types",
      { ...types("string"), action: share, check: { enum: ["a", 1, "b"] } },
      { type: "string", enum: ["a", "b"] },
      true,
    ],
    [
      "without a type leaves only when it is no container",
      { action: share },
      { anyOf: [{ type: "null" }, { type: "boolean" }, { type: "number" }, { type: "string" }] },
      false,
    ],
    ["that leaves whole is open", { ...types("object"), action: share }, { type: "object" }, true],
    [
      "rounded is a multiple within rounded bounds",
      number(round(10), { check: { minimum: 4, maximum: 104 } }),
      { type: "integer", minimum: 0, maximum: 100, multipleOf: 10 },
      true,
    ],
    [
      "rounded without bounds may be beyond doubles, and beyond arithmetic",
      number(round(10)),
      {
        type: "integer",
        anyOf: [
          { multipleOf: 10 },
          { exclusiveMinimum: Number.MAX_SAFE_INTEGER },
          { exclusiveMaximum: Number.MIN_SAFE_INTEGER },
        ],
      },
      false,
    ],
    [
      "rounded to fractions is a number",
      number(round(0.25), { check: { exclusiveMinimum: 1 } }),
      { type: "number", minimum: 1 },
      true,
    ],
    [
      "coarsened is a number",
      number({ action: "coarsen-geo", decimals: 1 }, { check: { minimum: -90, maximum: 90.06 } }),
      { type: "number", minimum: -90, maximum: 90.1 },
      true,
    ],
    [
      "in bands is an edge or null",
      number({ action: "band", edges: [0, 10] }, { check: { maximum: 9 } }),
      { anyOf: [{ type: "number", enum: [0, 10] }, { type: "null" }] },
      true,
    ],
    [
      "in bands is an edge where nothing is below",
      number({ action: "band", edges: [0, 10] }, { check: { minimum: 0 } }),
      { type: "number", enum: [0, 10] },
      true,
    ],
    [
      "cut to a prefix is as long, or null",
      text({ action: "prefix", length: 4 }),
      { type: ["string", "null"], minLength: 4, maxLength: 4 },
      true,
    ],
    [
      "cut to a prefix of a longer text is never null",
      text({ action: "prefix", length: 4 }, { check: { minLength: 4 } }),
      { type: "string", minLength: 4, maxLength: 4 },
      true,
    ],
    [
      "masked keeps its length",
      text({ action: "mask", keepFirst: 0, keepLast: 0, with: "*" }, { check: { maxLength: 9 } }),
      { type: "string", maxLength: 9, pattern: "^\\**$" },
      true,
    ],
    [
      "under a pseudonym is base64url of its length",
      text({ action: "pseudonymize", length: 10 }, { check: { pattern: "^a" } }),
      { type: "string", pattern: "^[A-Za-z0-9_-]{10}$" },
      true,
    ],
    [
      "encrypted is a compact JWE",
      { ...types("object"), action: { action: "encrypt", keyRole: "q" } },
      {
        type: "string",
        pattern: "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$",
      },
      true,
    ],
    [
      "replaced is that constant",
      { action: { action: "constant", value: { a: [1] } } },
      { const: { a: [1] } },
      true,
    ],
    ["nulled is null", text({ action: "null" }), { type: "null" }, true],
    ["dropped is not there", text({ action: "drop" }), undefined, false],
    [
      "that its action does not take is not there",
      { ...types("boolean", "string"), action: { action: "pseudonymize" } },
      { type: "string", pattern: "^[A-Za-z0-9_-]{22}$" },
      false,
    ],
  ])("%s", (_, sketch, shape, required) => {
    expect(shapeOf(sketch)).toEqual([shape, required]);
  });

  it.each<[string, Sketch["check"], FieldAction, Json | undefined]>([
    [
      "a date stays a date",
      { format: "date" },
      { action: "truncate-date", to: "month" },
      { type: "string", format: "date" },
    ],
    ["a text may be none", {}, { action: "truncate-date", to: "month" }, { type: "string" }],
  ])("truncated: %s, and is required only then", (_, check = {}, action, shape) => {
    const [found, required] = shapeOf(text(action, { check }));
    expect(found).toEqual({
      ...(shape as JsonMembers),
      pattern: expect.stringMatching(/^\^\[0-9\]\{4\}-\[0-9\]\{2\}-01/),
    });
    expect(required).toBe("format" in check);
  });
});
