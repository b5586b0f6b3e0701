import { canonicalJson } from "../../../kernel/canonical-json.ts";
import type { JsonType, ValueCheck } from "../../../kernel/contract.ts";
import type { Json } from "../../../kernel/json.ts";
import { names, type WireNode, type WireSchemaPart } from "./wire-node.ts";

const TYPES: ReadonlySet<string> = new Set<JsonType>([
  "null",
  "boolean",
  "integer",
  "number",
  "string",
  "array",
  "object",
]);

/** The types that a value may have; undefined: any. Alternatives count as the union of theirs. */
export function typesOf(node: WireNode): readonly JsonType[] | undefined {
  let types: readonly JsonType[] | undefined;
  for (const { schema } of node.all) types = both(types, listed(schema.type) ?? typesOfValues(schema));
  for (const group of node.groups) types = both(types, union(group.map(typesOf)));
  return types;
}

/** Names of the members that the schema knows, under whatever condition. */
export function memberNames(node: WireNode): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { schema } of node.all) for (const name of names(schema.properties)) known.add(name);
  for (const inner of [...node.groups.flat(), ...node.maybe])
    for (const name of memberNames(inner)) known.add(name);
  return known;
}

/** Keywords of a number each, and which of two holds both. */
const BOUNDS = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
} as const;

/**
 * What all parts demand, as a check of one value. `isListed` says which members the contract lists: a required member that never
 * leaves is not asked for. Of several patterns, formats or multiples the first is asked for.
 */
export function checkOf(node: WireNode, isListed: (name: string) => boolean): ValueCheck {
  const check: Growing = {};
  const types = typesOf(node);
  if (types !== undefined) check.types = types;
  const required = new Set<string>();
  for (const { schema } of node.all) {
    const modern = withModernBounds(schema);
    for (const name of strings(modern.required)) if (isListed(name)) required.add(name);
    addKeywords(check, modern);
  }
  if (required.size > 0) check.required = [...required];
  return check;
}

type Growing = { -readonly [Name in keyof ValueCheck]: ValueCheck[Name] };

function addKeywords(check: Growing, schema: Readonly<Record<string, Json | undefined>>): void {
  const { multipleOf, pattern, format } = schema;
  const allowed = allowedOf(schema);
  if (allowed !== undefined) check.enum = common(check.enum, allowed);
  for (const keyword of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const bound = schema[keyword];
    if (typeof bound === "number") check[keyword] = BOUNDS[keyword](check[keyword] ?? bound, bound);
  }
  if (typeof multipleOf === "number") check.multipleOf ??= multipleOf;
  if (typeof pattern === "string") check.pattern ??= pattern;
  if (typeof format === "string") check.format ??= format;
}

/** The part whose pattern a check asks for. */
export const patternPart = (node: WireNode): WireSchemaPart | undefined =>
  node.all.find(({ schema }) => typeof schema.pattern === "string");

/** Until draft-04 `exclusiveMinimum: true` makes `minimum` exclusive; a number since. */
function withModernBounds(schema: WireSchemaPart["schema"]): Readonly<Record<string, Json | undefined>> {
  const modern: Record<string, Json | undefined> = { ...schema };
  for (const [flag, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (modern[flag] !== true) continue;
    modern[flag] = modern[bound];
    modern[bound] = undefined;
  }
  return modern;
}

function allowedOf(schema: Readonly<Record<string, Json | undefined>>): readonly Json[] | undefined {
  const values = Array.isArray(schema.enum) ? (schema.enum as readonly Json[]) : undefined;
  const constant = schema.const;
  return constant === undefined ? values : common(values, [constant]);
}

function common(known: readonly Json[] | undefined, more: readonly Json[]): readonly Json[] {
  if (known === undefined) return more;
  const forms = new Set(more.map(canonicalJson));
  return known.filter((value) => forms.has(canonicalJson(value)));
}

function listed(type: Json | undefined): readonly JsonType[] | undefined {
  if (type === undefined) return undefined;
  return [type].flat().filter((each): each is JsonType => typeof each === "string" && TYPES.has(each));
}

/** Without `type` the values that are allowed say which types there are. */
function typesOfValues(schema: WireSchemaPart["schema"]): readonly JsonType[] | undefined {
  const values = allowedOf(schema);
  return values === undefined ? undefined : [...new Set(values.map(typeOfValue))];
}

function typeOfValue(value: Json): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "boolean" | "string" | "object";
}

function union(all: readonly (readonly JsonType[] | undefined)[]): readonly JsonType[] | undefined {
  if (all.some((types) => types === undefined)) return undefined;
  return [...new Set(all.flatMap((types) => types ?? []))];
}

/** A whole number is a number: of the two, the narrower is common. */
function both(
  a: readonly JsonType[] | undefined,
  b: readonly JsonType[] | undefined,
): readonly JsonType[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const shared = [...new Set([...a, ...b])].filter((type) => covers(a, type) && covers(b, type));
  return shared.includes("number") ? shared.filter((type) => type !== "integer") : shared;
}

const covers = (types: readonly JsonType[], type: JsonType): boolean =>
  types.includes(type) || (type === "integer" && types.includes("number"));

const strings = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
