import type { JsonType, ValueCheck } from "../kernel/contract.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import { FORMATS } from "./formats.ts";

const ALL_TYPES: readonly JsonType[] = ["null", "boolean", "number", "string", "array", "object"];

/** The types that a value may have that keeps the check; `number` stands for `integer` beside it. */
export function possibleTypes({ types = ALL_TYPES, enum: allowed }: ValueCheck): readonly JsonType[] {
  return types.filter((type) => {
    if (type === "integer" && types.includes("number")) return false;
    return allowed === undefined || allowed.some((value) => isOfType(value, type));
  });
}

/** JSON Schema of the values of one type that keep the check, at their own level: with the keywords for that type alone. */
export function checkedShape(type: JsonType, check: ValueCheck): JsonMembers {
  const allowed = check.enum?.filter((value) => isOfType(value, type));
  return {
    type,
    ...(allowed !== undefined && { enum: [...allowed] }),
    ...KEYWORDS[type](check),
  };
}

/** Type → the keywords that speak of it. */
const KEYWORDS: Readonly<Record<JsonType, (check: ValueCheck) => JsonMembers>> = {
  null: () => ({}),
  boolean: () => ({}),
  integer: numberKeywords,
  number: numberKeywords,
  string: ({ minLength, maxLength, pattern, format }) => ({
    ...given({ minLength, maxLength, pattern }),
    // Formats that nobody checks would be a promise that nobody keeps.
    ...(format !== undefined && FORMATS.has(format) && { format }),
  }),
  array: itemKeywords,
  object: () => ({}),
};

function numberKeywords(check: ValueCheck): JsonMembers {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = check;
  const bounds = given({ minimum, maximum, exclusiveMinimum, exclusiveMaximum });
  return { ...bounds, ...(multipleOf !== undefined && multiplesOf(multipleOf, bounds)) };
}

/** How long an array is, which no rule changes. */
export function itemKeywords({ minItems, maxItems }: ValueCheck): JsonMembers {
  return given({ minItems, maxItems });
}

/**
 * Whole multiples, where readers that hold numbers as doubles can judge them: of fractions and beyond 2^53 they can't, and must not
 * refuse what is right.
 */
export function multiplesOf(multiple: number, { minimum, maximum }: JsonMembers): JsonMembers {
  if (!Number.isSafeInteger(multiple) || multiple <= 1) return {};
  const [least, most] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const beyond = [
    ...(typeof maximum === "number" && maximum <= most ? [] : [{ exclusiveMinimum: most }]),
    ...(typeof minimum === "number" && minimum >= least ? [] : [{ exclusiveMaximum: least }]),
  ];
  return beyond.length === 0 ? { multipleOf: multiple } : { anyOf: [{ multipleOf: multiple }, ...beyond] };
}

/** The keywords that there are. */
export const given = (keywords: Readonly<Record<string, Json | undefined>>): JsonMembers =>
  Object.fromEntries(
    Object.entries(keywords).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function isOfType(value: Json, type: JsonType): boolean {
  if (value === null) return type === "null";
  if (Array.isArray(value)) return type === "array";
  if (typeof value !== "number") return typeof value === type;
  return type === "number" || (type === "integer" && Number.isInteger(value));
}
