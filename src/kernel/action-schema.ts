import type { ActionName, DateUnit, RoundingMode } from "./action.ts";

const MODES: readonly RoundingMode[] = ["half-even", "half-up", "floor", "ceil"];
const UNITS: readonly DateUnit[] = ["year", "quarter", "month", "iso-week", "day", "hour", "minute"];
const count = (minimum: number, maximum: number) => ({ type: "integer", minimum, maximum });
const text = (maxLength: number) => ({ type: "string", minLength: 1, maxLength });

interface Parameters {
  readonly required?: Readonly<Record<string, object>>;
  readonly optional?: Readonly<Record<string, object>>;
}

/** Action → its parameters (file formats, "Contract"). A test holds it against the table of the policy engine. */
const PARAMETERS: Readonly<Record<ActionName, Parameters>> = {
  share: {},
  round: { required: { multiple: { type: "number", exclusiveMinimum: 0 }, mode: { enum: MODES } } },
  band: { required: { edges: { type: "array", minItems: 1, items: { type: "number" } } } },
  "truncate-date": { required: { to: { enum: UNITS } } },
  "coarsen-geo": { required: { decimals: count(0, 32) } },
  prefix: { required: { length: count(1, 1_000_000) } },
  mask: { required: { keepFirst: count(0, 1_000_000), keepLast: count(0, 1_000_000), with: text(1) } },
  encrypt: { required: { keyRole: text(256) } },
  pseudonymize: { optional: { domain: text(256), length: count(1, 43) } },
  constant: { required: { value: {} } },
  null: {},
  drop: {},
};

/** JSON Schema 2020-12 of a `FieldAction`, written whole: one branch an action, told apart by its name. */
export const FIELD_ACTION_SCHEMA = {
  type: "object",
  discriminator: { propertyName: "action" },
  required: ["action"],
  oneOf: Object.entries(PARAMETERS).map(([action, { required = {}, optional = {} }]) => ({
    type: "object",
    properties: { action: { const: action }, ...required, ...optional },
    required: ["action", ...Object.keys(required)],
    additionalProperties: false,
  })),
};
