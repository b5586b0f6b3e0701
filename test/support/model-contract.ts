import { readDocument } from "../../src/document/document.ts";
import type { Json, JsonMembers } from "../../src/kernel/json.ts";
import { pointerSegments } from "../../src/kernel/pointer.ts";
import { type ContractReading, readContract } from "../../src/mesh/contracts/contract-file.ts";

/** A field as ODCS lists it. */
type Listed = Readonly<Record<string, Json>>;

const SHARE: Listed = {
  classification: "internal",
  customProperties: [{ property: "mesh.action", value: { action: "share" } }],
};

const isMembers = (value: Json | undefined): value is JsonMembers =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every field that a model's JSON Schema names, as a contract would list them: shared, internal. What contains itself is left out. */
export function fieldsOf(schema: JsonMembers): readonly Listed[] {
  return membersOf(schema, schema, []);
}

function membersOf(node: JsonMembers, root: JsonMembers, above: readonly string[]): readonly Listed[] {
  return Object.entries(propertiesOf(node, root, above)).flatMap(([name, { schema, followed }]) => {
    const listed = listing(schema, root, followed);
    return listed === undefined ? [] : [{ name, ...listed }];
  });
}

interface Found {
  readonly schema: Json;
  readonly followed: readonly string[];
}

/** The parts of a schema: itself, what it refers to, and all of `allOf`. */
function partsOf(
  schema: Json,
  root: JsonMembers,
  followed: readonly string[],
): readonly (Found & { readonly schema: JsonMembers })[] {
  if (!isMembers(schema)) return [];
  const { $ref, allOf } = schema;
  const parts = [{ schema, followed }];
  if (typeof $ref === "string") {
    if (followed.includes($ref)) return parts;
    return [...parts, ...partsOf(at(root, $ref), root, [...followed, $ref])];
  }
  const all: readonly Json[] = Array.isArray(allOf) ? allOf : [];
  return [...parts, ...all.flatMap((each) => partsOf(each, root, followed))];
}

function at(root: JsonMembers, ref: string): Json {
  const segments = pointerSegments(ref.slice(1));
  if (!segments.ok) throw new Error(`The model refers to ${ref}.`);
  return segments.value.reduce<Json>(
    (value, name) => (isMembers(value) ? (value[name] ?? null) : null),
    root,
  );
}

function propertiesOf(schema: Json, root: JsonMembers, above: readonly string[]): Record<string, Found> {
  const found: Record<string, Found> = {};
  for (const { schema: part, followed } of partsOf(schema, root, above)) {
    if (!isMembers(part.properties)) continue;
    for (const [name, member] of Object.entries(part.properties)) found[name] = { schema: member, followed };
  }
  return found;
}

/** Undefined: it is recursive, or holds nothing but what is. */
function listing(schema: Json, root: JsonMembers, above: readonly string[]): Listed | undefined {
  const parts = partsOf(schema, root, above);
  const isRecursive = parts.some(({ schema: { $ref } }) => typeof $ref === "string" && above.includes($ref));
  if (isRecursive) return undefined;
  const items = parts.find((part) => part.schema.items !== undefined);
  if (items !== undefined) {
    const inner = listing(items.schema.items ?? null, root, items.followed);
    return inner === undefined ? undefined : { logicalType: "array", items: inner };
  }
  const members = isMembers(schema) ? membersOf(schema, root, above) : [];
  return members.length === 0 ? SHARE : { logicalType: "object", properties: members };
}

/** The fields that records have, where all of them have the same kind of value there; else one field that leaves whole. */
export function fieldsIn(records: readonly Json[]): readonly Listed[] {
  const names = new Set(records.filter(isMembers).flatMap((record) => Object.keys(record)));
  return [...names].map((name) => {
    const values = records.filter(isMembers).flatMap((record) => {
      const value = record[name];
      return value === undefined ? [] : [value];
    });
    return { name, ...kindOf(values) };
  });
}

function kindOf(values: readonly Json[]): Listed {
  if (values.every(isMembers)) {
    const properties = fieldsIn(values);
    return properties.length === 0 ? SHARE : { logicalType: "object", properties };
  }
  if (!values.every((value) => Array.isArray(value))) return SHARE;
  const items = values.flat();
  return items.length === 0 ? SHARE : { logicalType: "array", items: kindOf(items) };
}

/** The fields without those at these pointers into the schema object. */
export function without(fields: readonly Listed[], pointers: readonly string[]): readonly Listed[] {
  return fields.flatMap((field, index) => {
    const kept = pruned(field, `/properties/${index}`, pointers);
    return kept === undefined ? [] : [kept];
  });
}

function pruned(field: Listed, pointer: string, gone: readonly string[]): Listed | undefined {
  if (gone.includes(pointer)) return undefined;
  const below = gone.flatMap((each) => (each.startsWith(`${pointer}/`) ? [each.slice(pointer.length)] : []));
  if (below.length === 0) return field;
  const { items, properties, ...rest } = field;
  if (isMembers(items)) {
    const inner = pruned(items, "/items", below);
    return inner === undefined ? undefined : { ...rest, items: inner };
  }
  const kept = without(Array.isArray(properties) ? properties.filter(isMembers) : [], below);
  return kept.length === 0 ? undefined : { ...rest, properties: kept };
}

/** A contract over a model: these fields, and the model's own schema beside it, as a folder would hold them. */
export function modelContract(name: string, schema: Json, fields: readonly Listed[]): ContractReading {
  const custom = (values: Listed): Json =>
    Object.entries(values).map(([property, value]) => ({ property, value }));
  const contract: Json = {
    apiVersion: "v3.1.0",
    kind: "DataContract",
    id: "urn:uuid:7d0b6f0e-8a52-4c1e-9f0e-2f6d1c1d8a10",
    name,
    version: "1.0.0",
    status: "active",
    tenant: "urn:bpn:BPNL00000003AYRE",
    customProperties: custom({ "mesh.profile": 1, "mesh.purposes": ["cx.dcm.base"] }),
    schema: [
      {
        name: "Model",
        physicalName: `models.${name}`,
        physicalType: "topic",
        logicalType: "object",
        customProperties: custom({
          "mesh.schema": { file: "payload.schema.json" },
          "mesh.event": { encoding: "json", type: "com.example.model.v1", source: "urn:example:model" },
        }),
        properties: fields,
      },
    ],
  };
  const document = readDocument(Buffer.from(JSON.stringify(contract)), `${name}/contract.odcs.json`);
  if (!document.ok) return { contract: undefined, problems: document.fault };
  const beside = Buffer.from(JSON.stringify(schema));
  return readContract(document.value, {
    read: (path) => (path === "payload.schema.json" ? beside : undefined),
  });
}
