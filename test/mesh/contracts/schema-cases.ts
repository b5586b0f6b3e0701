import { CONTRACT, changed, properties, type RuleCase, SCHEMA, schema } from "./sample.ts";

/** What can be wrong with the JSON Schema, or between it and the contract. */
export const SCHEMA_CASES: readonly RuleCase[] = [
  {
    of: "a schema outside of the folder",
    contract: changed("payload.schema.json", "../payload.schema.json"),
    breaks: ["mesh.schema-file @ ../payload.schema.json"],
  },
  {
    of: "a schema by URL",
    contract: changed("payload.schema.json", '"https://evil.example/x.json"'),
    breaks: ['mesh.schema-file @ "https://evil.example/x.json'],
  },
  {
    of: "no schema file",
    contract: CONTRACT,
    files: {},
    breaks: ["mesh.schema-missing @ payload.schema.json"],
  },
  {
    of: "a schema that is too large",
    contract: CONTRACT,
    files: { "payload.schema.json": `{}${" ".repeat(1 << 20)}` },
    breaks: ["mesh.schema-too-large @ payload.schema.json"],
  },
  {
    of: "another schema than was agreed on",
    contract: changed("payload.schema.json}", `payload.schema.json, digest: "sha-256:${"0".repeat(64)}"}`),
    breaks: ['mesh.schema-digest @ "sha-256:0000000000000000000'],
  },
  {
    of: "a dialect that is not read",
    contract: CONTRACT,
    files: schema({ $schema: "https://example.com/schema" }),
    breaks: ['mesh.schema-dialect @ "https://example.com/schema"'],
  },
  {
    of: "no dialect",
    contract: CONTRACT,
    files: schema({ $schema: undefined }),
    breaks: ['mesh.schema-undeclared @ {"type":"objec'],
  },
  {
    of: "a schema that is none",
    contract: CONTRACT,
    files: schema({ required: "material" }),
    breaks: ['mesh.schema-invalid @ "material","properties":{"ma'],
  },
  {
    of: "a schema that is no JSON",
    contract: CONTRACT,
    files: { "payload.schema.json": "type: object" },
    breaks: ["file.not-json @ type"],
  },
  {
    of: "a remote reference",
    contract: CONTRACT,
    files: properties({ supplier: { $ref: "https://evil.example/a.json" } }),
    breaks: ['mesh.schema-ref @ "https://evil.example/a.json'],
  },
  {
    of: "a reference to nothing",
    contract: CONTRACT,
    files: properties({ supplier: { $ref: "#/$defs/companie" } }),
    breaks: ['mesh.schema-ref @ "#/$defs/companie"},"stocks"'],
  },
  {
    of: "an id inside the schema",
    contract: CONTRACT,
    files: properties({ supplier: { $id: "b.json", type: "string" } }),
    breaks: ['mesh.schema-nested-id @ "b.json","type":"string"},"s'],
  },
  {
    of: "references that double at every level",
    contract: CONTRACT,
    files: schema({ allOf: [{ $ref: "#/$defs/d0" }], $defs: bomb(24) }),
    breaks: ['mesh.schema-complex @ {"$schema":"ht'],
  },
  {
    of: "a pattern that looks ahead",
    contract: CONTRACT,
    files: schema({ $defs: { company: { type: "string", pattern: "^(?!BPNS)" } } }),
    breaks: ['mesh.schema-pattern @ "^(?!BPNS)"'],
  },
  {
    of: "a field that the schema has not",
    contract: changed("name: material", "name: materiel"),
    breaks: ["mesh.not-listed @ name", "mesh.not-in-schema @ name"],
  },
  {
    of: "a field that the contract has not",
    contract: CONTRACT,
    files: properties({ price: { type: "number" } }),
    breaks: ["mesh.not-listed @ name"],
  },
  {
    of: "another logical type",
    contract: CONTRACT,
    files: properties({ supplier: { type: "integer" } }),
    breaks: ["mesh.logical-type @ {name: supplie"],
  },
  {
    of: "a logical type that every object has",
    contract: changed("{name: supplier, logicalType: string", "{name: supplier, logicalType: toString"),
    breaks: ["odcs.value @ toString"],
  },
];

/** Schemas of which each refers to the next twice. */
function bomb(levels: number): object {
  const level = (index: number): object => ({
    anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }],
  });
  const all = Array.from({ length: levels }, (_, index) => [`d${index}`, level(index)]);
  return { ...SCHEMA.$defs, ...Object.fromEntries(all), [`d${levels}`]: { type: "object" } };
}
