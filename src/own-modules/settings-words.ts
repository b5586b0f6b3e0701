import type { Json } from "../kernel/json.ts";

/** The words of JSON Schema that an own module's `settingsSchema` may use, by what stands under them. */
const WORDS: Readonly<Record<string, "schema" | "schemas" | "named schemas" | "data">> = {
  type: "data",
  enum: "data",
  const: "data",
  title: "data",
  description: "data",
  default: "data",
  examples: "data",
  required: "data",
  minimum: "data",
  maximum: "data",
  exclusiveMinimum: "data",
  exclusiveMaximum: "data",
  multipleOf: "data",
  minLength: "data",
  maxLength: "data",
  minItems: "data",
  maxItems: "data",
  uniqueItems: "data",
  minProperties: "data",
  maxProperties: "data",
  items: "schema",
  additionalProperties: "schema",
  propertyNames: "schema",
  not: "schema",
  prefixItems: "schemas",
  anyOf: "schemas",
  oneOf: "schemas",
  allOf: "schemas",
  properties: "named schemas",
};

/** The same as a list, for messages. */
export const SETTINGS_WORDS: readonly string[] = Object.keys(WORDS);

/**
 * The first word of a schema that an own module may not use; undefined: there is none. No `pattern`, because an expression that
 * explodes would stop whoever checks the settings; no `$ref` and `$id`, because a schema stands alone.
 */
export function foreignWord(schema: Json): string | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  for (const [word, value] of Object.entries(schema)) {
    const found = Object.hasOwn(WORDS, word) ? schemasUnder(word, value).map(foreignWord) : [word];
    const [first] = found.filter((each) => each !== undefined);
    if (first !== undefined) return first;
  }
  return undefined;
}

function schemasUnder(word: string, value: Json): readonly Json[] {
  const kind = WORDS[word];
  if (kind === "schema") return [value];
  if (kind === "data" || typeof value !== "object" || value === null) return [];
  return Object.values(value);
}
