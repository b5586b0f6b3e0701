import { expect, test } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { foreignWord } from "../../src/own-modules/settings-words.ts";

test.each<[string, Json]>([
  ["nothing", {}],
  [
    "a list of names",
    { type: "object", properties: { pattern: { type: "array", items: { type: "string" } } } },
  ],
  ["anything below data", { enum: [{ pattern: "x" }], default: { $ref: "x" } }],
  ["true for any value", { properties: { a: true }, additionalProperties: false }],
  ["alternatives", { anyOf: [{ type: "string" }, { not: { const: 1 } }] }],
])("a schema may say %s", (_, schema) => {
  expect(foreignWord(schema)).toBeUndefined();
});

test.each<[string, Json]>([
  ["pattern", { properties: { a: { pattern: "^(a+)+$" } } }],
  ["patternProperties", { patternProperties: { "^(a+)+$": {} } }],
  ["$ref", { anyOf: [{ type: "string" }, { $ref: "https://example.com" }] }],
  ["$id", { $id: "x" }],
  ["format", { items: { not: { format: "regex" } } }],
  ["constructor", { constructor: 1 }],
])("%s is no word of it, wherever it stands", (word, schema) => {
  expect(foreignWord(schema)).toBe(word);
});
