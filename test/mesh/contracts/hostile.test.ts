import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../../src/document/document.ts";
import type { Json } from "../../../src/kernel/json.ts";
import { CONTRACT, read, SCHEMA } from "./sample.ts";

/** A value with something else at one of its places. */
function spoiled(value: Json, place: number, other: Json): Json {
  let left = place;
  const walk = (at: Json): Json => {
    if (left-- === 0) return other;
    if (at === null || typeof at !== "object") return at;
    if (Array.isArray(at)) return at.map(walk);
    return Object.fromEntries(Object.entries(at).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(value);
}

const sample = readDocument(CONTRACT, "a.yaml");
const contract: Json = sample.ok ? sample.value.value : null;
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(
    null,
    [],
    {},
    "*",
    "/",
    "drop",
    "mesh.action",
    "constructor",
    -1,
    { $ref: "#" },
    { action: null },
  ),
);

describe("a contract with anything anywhere", () => {
  it("is read or refused, and never breaks the reader", () => {
    fc.assert(
      fc.property(fc.nat(140), anything, (place, other) => {
        const { contract: reading, problems } = read(JSON.stringify(spoiled(contract, place, other)));
        expect(reading === undefined).toBe(problems.some(({ severity }) => severity === "error"));
      }),
      { numRuns: 300 },
    );
  });

  it("has a schema of which the same is true", () => {
    fc.assert(
      fc.property(fc.nat(40), anything, (place, other) => {
        const schema = spoiled(SCHEMA, place, other);
        const { contract: reading, problems } = read(CONTRACT, { "payload.schema.json": schema });
        expect(reading === undefined).toBe(problems.some(({ severity }) => severity === "error"));
      }),
      { numRuns: 300 },
    );
  });
});
