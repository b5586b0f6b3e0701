import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { domainsIn, domainsOf } from "../../../src/cli/trace/domains.ts";
import { readDocument } from "../../../src/document/document.ts";
import { readContract } from "../../../src/mesh/contracts/contract-file.ts";
import { CONTRACT } from "../aurora.ts";

const TYPES = { material: "string", supplier: "string", price: "number", exact: "number", demand: "number" };
const SCHEMA = JSON.stringify({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["material", "supplier"],
  properties: Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, { type }])),
});

function contractWith(from: string, to: string) {
  const document = readDocument(CONTRACT.replace(from, to), "c.yaml");
  const files = { read: () => Buffer.from(SCHEMA) };
  assert(document.ok, "The contract is a document.");
  const { contract, problems } = readContract(document.value, files);
  assert(contract !== undefined, JSON.stringify(problems));
  return [contract];
}

describe("the domains of a contract", () => {
  const contracts = contractWith(
    "{name: supplier, logicalType: string, required: true, classification: internal, customProperties: [{property: mesh.action, value: {action: share}}]}",
    "{name: supplier, logicalType: string, required: true, classification: internal, customProperties: [{property: mesh.action, value: {action: pseudonymize, domain: companies}}]}",
  );

  test("are what it names, the key, what is named elsewhere, and the path of every field, in this order", () => {
    const names = domainsOf(contracts, ["elsewhere"]).map(({ name }) => name);
    expect(names).toEqual([
      "companies",
      "key",
      "elsewhere",
      "/material",
      "/supplier",
      "/price",
      "/exact",
      "/demand",
    ]);
  });

  test("know their fields, and are open to any value when they are named elsewhere", () => {
    const [companies] = domainsOf([...contracts, ...contracts], ["companies"]);
    const field = { contract: "demand", path: "/supplier" };
    expect(companies).toEqual({ name: "companies", fields: [field, field], open: true });
  });

  test("leave out a key that does not leave", () => {
    const drops = contractWith(
      "{property: mesh.key, value: {action: share}}",
      "{property: mesh.key, value: {action: drop}}",
    );
    expect(domainsOf(drops, []).map(({ name }) => name)).not.toContain("key");
  });
});

test("domains are found wherever a module's settings have its actions", () => {
  const settings = {
    volume: "drop",
    price: { action: "pseudonymize", domain: "prices" },
    fields: [{ "/a": { action: "pseudonymize", domain: "a" } }, { action: "mask", domain: "no" }, null, 7],
  };
  expect(domainsIn(settings)).toEqual(["prices", "a"]);
});
