/** Pieces of JSON Schema that the sections of an ODCS contract share. Written after the text of ODCS 3.0 to 3.2. */
export const TEXT = { type: "string" } as const;
export const FLAG = { type: "boolean" } as const;
export const COUNT = { type: "integer", minimum: 0 } as const;
export const NUMBER = { type: "number" } as const;
export const DATE = { type: "string", format: "date" } as const;
export const TEXTS = list(TEXT);
/** An id that other places of the contract may refer to. */
export const STABLE_ID = { type: "string", pattern: "^[A-Za-z0-9_-]+$" } as const;
export const SCALAR = { type: ["string", "number", "boolean", "null"] } as const;

/** A list of what `items` describes. */
export function list(items: object): object {
  return { type: "array", items };
}

/** A mapping that knows these members and no others. */
export function closed(
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = [],
): object {
  return { type: "object", properties, required, additionalProperties: false };
}

/** JSON Schema's word for it; a literal with this name would look like a promise. */
const THEN = "then";

/** If the condition fits, then this, else that. */
export function choose(condition: object, fits: object, otherwise: object): object {
  return { if: condition, [THEN]: fits, else: otherwise };
}

/** A reference to a definition of the contract's schema. */
export function definition(name: string): object {
  return { $ref: `#/$defs/${name}` };
}

/** `vendor` came with 3.2. The value is anything, for whoever owns the name. */
const CUSTOM_PROPERTY = closed(
  {
    id: STABLE_ID,
    property: TEXT,
    value: {},
    description: TEXT,
    vendor: { type: "string", pattern: "^[a-z0-9][a-z0-9-]*$" },
  },
  ["property", "value"],
);

/** What stands in many places is a definition: its code would be made again for each of them. */
export const SHARED_DEFINITIONS = {
  customProperties: list(CUSTOM_PROPERTY),
  authoritativeDefinitions: list(
    closed({ id: STABLE_ID, url: TEXT, type: TEXT, description: TEXT }, ["url", "type"]),
  ),
} as const;
export const CUSTOM_PROPERTIES = definition("customProperties" satisfies keyof typeof SHARED_DEFINITIONS);
export const AUTHORITATIVE_DEFINITIONS = definition(
  "authoritativeDefinitions" satisfies keyof typeof SHARED_DEFINITIONS,
);
