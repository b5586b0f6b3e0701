import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/kernel/json.ts";

/** Undefined leaves a member out. */
type Members = Readonly<Record<string, Json | undefined>>;

export const AURORA = "urn:bpn:BPNL00000003AYRE";
export const HELIX = "urn:bpn:BPNL00000007QWER";
/** The id by which the records name the subscriber. */
export const SUBSCRIBER = "BPNL00000007QWER";
export const PURPOSE = "cx.dcm.base";

/** A contract of Aurora's over a small order, with what a test wants otherwise. */
export interface ContractChanges {
  readonly name: string;
  readonly topic: string;
  /** Members of the schema object's profile, by name: `mesh.key`, `mesh.headers`, … */
  readonly profile?: Members;
  /** Members of the root's profile. */
  readonly root?: Members;
  /** More fields, with their action; none means that the contract has no rule for it. */
  readonly fields?: Readonly<Record<string, Json | undefined>>;
  /** Replaces the wire schema. */
  readonly schema?: Json;
  /** Changes the finished document. */
  readonly edit?: (document: Record<string, Json>) => void;
}

const FIELDS: Readonly<Record<string, Json | undefined>> = {
  number: { action: "share" },
  supplier: { action: "share" },
  note: { action: "share" },
  price: { action: "drop" },
};

/** Writes the contract's folder (contract.odcs.yaml, in YAML's JSON form, and payload.schema.json); its path. */
export function writeContract(folder: string, changes: ContractChanges): string {
  const path = join(folder, changes.name);
  mkdirSync(path, { recursive: true });
  const document = contractDocument(changes);
  changes.edit?.(document);
  writeFileSync(join(path, "contract.odcs.yaml"), `${JSON.stringify(document, null, 2)}\n`);
  writeFileSync(join(path, "payload.schema.json"), JSON.stringify(changes.schema ?? wireSchema(changes)));
  return path;
}

const wireSchema = ({ fields }: ContractChanges): Json => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["number", "supplier"],
  properties: Object.fromEntries(
    Object.keys({ ...FIELDS, ...fields }).map((field) => [field, { type: TYPES[field] ?? "string" }]),
  ),
});

function contractDocument({ name, topic, profile, root, fields }: ContractChanges): Record<string, Json> {
  const eventRules = {
    encoding: "json",
    type: `com.example.${name}.v1`,
    source: `${AURORA}:orders`,
    id: { from: "auto" },
  };
  return {
    apiVersion: "v3.1.0",
    kind: "DataContract",
    id: `urn:x-test:${name}`,
    name,
    version: "1.0.0",
    status: "active",
    tenant: AURORA,
    customProperties: propertiesOf({
      "mesh.profile": 1,
      "mesh.purposes": [PURPOSE],
      ...root,
    }),
    schema: [
      {
        name: "Order",
        physicalName: topic,
        physicalType: "topic",
        logicalType: "object",
        customProperties: propertiesOf({
          "mesh.schema": { file: "payload.schema.json" },
          "mesh.event": eventRules,
          "mesh.key": { action: "share" },
          "mesh.scope": [{ field: "/supplier", op: "equals", ref: "partner.id.local" }],
          ...profile,
        }),
        properties: Object.entries({ ...FIELDS, ...fields }).map(([field, action]) => fieldOf(field, action)),
      },
    ],
  };
}

const TYPES: Readonly<Record<string, string>> = { number: "integer", price: "number" };

const fieldOf = (name: string, action: Json | undefined): Json => ({
  name,
  logicalType: TYPES[name] ?? "string",
  classification: "internal",
  ...(action !== undefined && { customProperties: propertiesOf({ "mesh.action": action }) }),
});

const propertiesOf = (members: Members): Json =>
  Object.entries(members).flatMap(([property, value]) => (value === undefined ? [] : [{ property, value }]));

const NOTE_LENGTH = 920;
/** Random, so that compression does not make little of much. */
const NOTES = randomBytes(1 << 20).toString("base64");

/** The value of a record of about 1 KB. */
export function order(number: number, supplier: string = SUBSCRIBER): string {
  const at = (number * 7919) % (NOTES.length - NOTE_LENGTH);
  return JSON.stringify({ number, supplier, note: NOTES.slice(at, at + NOTE_LENGTH), price: 12.5 });
}

/** The same of 80 KB, 60 of which no compression saves. */
export const largeOrder = (number: number): string =>
  JSON.stringify({ number, supplier: SUBSCRIBER, note: randomBytes(60_000).toString("base64"), price: 12.5 });
