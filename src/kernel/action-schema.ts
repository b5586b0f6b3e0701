import type { ActionName } from "./action.ts";

const COUNT = { type: "integer", minimum: 0, maximum: 1_000_000 };
const DECIMAL = { type: "number" };

interface Parameters {
  readonly required: Readonly<Record<string, object>>;
  readonly optional?: Readonly<Record<string, object>>;
}

/** Action → its parameters (file formats, "Contract"); contracts, bundles and agreements are read by the same table. */
const PARAMETERS: Readonly<Record<ActionName, Parameters>> = {
  share: { required: {} },
  round: {
    required: {
      multiple: { type: "number", exclusiveMinimum: 0 },
      mode: { enum: ["half-even", "half-up", "floor", "ceil"] },
    },
  },
  band: {
    required: { edges: { type: "array", items: DECIMAL, minItems: 1, maxItems: 1000, uniqueItems: true } },
  },
  "truncate-date": {
    required: { to: { enum: ["year", "quarter", "month", "iso-week", "day", "hour", "minute"] } },
  },
  "coarsen-geo": { required: { decimals: { type: "integer", minimum: 0, maximum: 15 } } },
  prefix: { required: { length: { ...COUNT, minimum: 1 } } },
  mask: {
    required: { keepFirst: COUNT, keepLast: COUNT, with: { type: "string", minLength: 1, maxLength: 1 } },
  },
  encrypt: { required: { keyRole: { type: "string", minLength: 1, maxLength: 64 } } },
  pseudonymize: {
    required: {},
    optional: {
      domain: { type: "string", minLength: 1, maxLength: 256 },
      length: { type: "integer", minimum: 8, maximum: 43 },
    },
  },
  constant: { required: { value: {} } },
  null: { required: {} },
  drop: { required: {} },
};

/** JSON Schema 2020-12 of a `FieldAction`, as files write it. */
export const FIELD_ACTION_SCHEMA = {
  type: "object",
  discriminator: { propertyName: "action" },
  required: ["action"],
  oneOf: Object.entries(PARAMETERS).map(([action, { required, optional }]) => ({
    properties: { action: { const: action }, ...required, ...optional },
    required: ["action", ...Object.keys(required)],
    additionalProperties: false,
  })),
};
