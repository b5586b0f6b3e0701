import { readDocument } from "../../../src/document/document.ts";
import { type ContractReading, readContract } from "../../../src/mesh/contracts/contract-file.ts";

/** A small contract that keeps every rule; tests change one thing in it. */
export const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: urn:uuid:7d0b6f0e-8a52-4c1e-9f0e-2f6d1c1d8a10
name: stock
version: 1.0.0
status: active
tenant: urn:bpn:BPNL00000003AYRE
customProperties:
- {property: mesh.profile, value: 1}
- {property: mesh.purposes, value: [cx.puris.base]}
- {property: other.note, value: {kept: true}}
slaProperties:
- {property: retention, value: 90, unit: d}
schema:
- name: Stock
  physicalName: puris.stock
  physicalType: topic
  logicalType: object
  customProperties:
  - {property: mesh.schema, value: {file: payload.schema.json}}
  - {property: mesh.event, value: {encoding: json, type: com.example.stock.v1, source: urn:example:stock}}
  - {property: mesh.scope, value: [{field: /supplier, op: equals, ref: partner.id.local}]}
  properties:
  - name: material
    logicalType: string
    classification: internal
    customProperties:
    - {property: mesh.category, value: [identifier]}
    - {property: mesh.action, value: {action: share}}
  - {name: supplier, logicalType: string, classification: internal}
  - name: stocks
    logicalType: array
    classification: confidential
    customProperties: [{property: mesh.category, value: [volume]}]
    items:
      logicalType: object
      properties:
      - {name: quantity, logicalType: number, classification: internal, customProperties: [{property: mesh.action, value: {action: round, multiple: 10, mode: half-even}}]}
      - {name: site, logicalType: string, customProperties: [{property: mesh.category, value: [location]}]}
`;

export const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["material", "supplier"],
  properties: {
    material: { type: "string", maxLength: 40 },
    supplier: { $ref: "#/$defs/company" },
    stocks: {
      type: "array",
      items: {
        type: "object",
        properties: { quantity: { type: "number", minimum: 0 }, site: { type: "string" } },
      },
    },
  },
  $defs: { company: { type: "string", pattern: "^BPNL[0-9A-Z]{12}$" } },
};

/** Files beside the contract: text, or a value that becomes JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** Reads a contract with the files beside it; paths that were asked for are added to `asked`. */
export function read(
  contract: string,
  files: Files = { "payload.schema.json": SCHEMA },
  asked: string[] = [],
): ContractReading {
  const document = readDocument(contract, "stock/contract.odcs.yaml");
  if (!document.ok) return { contract: undefined, problems: document.fault };
  return readContract(document.value, {
    read(path) {
      asked.push(path);
      // Also `constructor` may be asked for.
      const file = Object.hasOwn(files, path) ? files[path] : undefined;
      if (file === undefined) return undefined;
      return Buffer.from(typeof file === "string" ? file : JSON.stringify(file));
    },
  });
}

/** The contract with one text replaced by another; what is replaced must be there. */
export function changed(from: string, to: string, text = CONTRACT): string {
  if (!text.includes(from)) throw new Error(`The sample has no ${from}.`);
  return text.replace(from, to);
}

/** One change of the sample, and what it breaks: `rule @ text`, the text being what stands at the place that is told. */
export interface RuleCase {
  readonly of: string;
  readonly contract: string;
  readonly files?: Files;
  readonly breaks: readonly string[];
}

/** The sample's files with other members of the schema. */
export const schema = (change: object): Files => ({ "payload.schema.json": { ...SCHEMA, ...change } });

/** The sample's files with other properties in the schema. */
export const properties = (change: object): Files =>
  schema({ properties: { ...SCHEMA.properties, ...change } });

/** The sample with another action at its first field. */
export const action = (words: string): string => changed("{action: share}", words);
