import type { ActionName, DateUnit, FieldAction, RoundingMode } from "./action.ts";
import { isMembers, type Json, type JsonMembers } from "./json.ts";

const MODES: readonly RoundingMode[] = ["half-even", "half-up", "floor", "ceil"];
const UNITS: readonly DateUnit[] = ["year", "quarter", "month", "iso-week", "day", "hour", "minute"];

interface Parameter {
  readonly required: boolean;
  readonly schema: object;
  readonly is: (value: Json) => boolean;
}

const count = (least: number, most: number, required = true): Parameter => ({
  required,
  schema: { type: "integer", minimum: least, maximum: most },
  is: (value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most,
});
const text = (required: boolean, length: number): Parameter => ({
  required,
  schema: { type: "string", minLength: 1, maxLength: length },
  is: (value) => typeof value === "string" && value.isWellFormed() && isWithin([...value].length, length),
});
const oneOf = (names: readonly string[]): Parameter => ({
  required: true,
  schema: { enum: names },
  is: (value) => typeof value === "string" && names.includes(value),
});
const isWithin = (length: number, most: number): boolean => length >= 1 && length <= most;

/** Action → its parameters (file formats, "Contract"). */
const PARAMETERS: Readonly<Record<ActionName, Readonly<Record<string, Parameter>>>> = {
  share: {},
  round: {
    multiple: {
      required: true,
      schema: { type: "number", exclusiveMinimum: 0 },
      is: (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
    },
    mode: oneOf(MODES),
  },
  band: {
    edges: {
      required: true,
      schema: { type: "array", minItems: 1, items: { type: "number" } },
      is: (value) => Array.isArray(value) && value.length > 0 && value.every((edge) => Number.isFinite(edge)),
    },
  },
  "truncate-date": { to: oneOf(UNITS) },
  "coarsen-geo": { decimals: count(0, 32) },
  prefix: { length: count(1, 1_000_000), shortest: count(1, 1_000_000, false) },
  mask: {
    keepFirst: count(0, 1_000_000),
    keepLast: count(0, 1_000_000),
    with: text(true, 1),
    shortest: count(0, 4_000_000, false),
  },
  encrypt: { keyRole: text(true, 256) },
  pseudonymize: { domain: text(false, 256), length: count(1, 43, false) },
  constant: { value: { required: true, schema: {}, is: isSoundJson } },
  null: {},
  drop: {},
};

const isActionName = (name: Json | undefined): name is ActionName =>
  typeof name === "string" && Object.hasOwn(PARAMETERS, name);

/**
 * An action as files write it: `{action: round, …}`, or its name alone where it needs no parameters. Undefined: it is none, or
 * a parameter is missing, unknown or out of range.
 */
export function actionFrom(json: Json | undefined): FieldAction | undefined {
  const given: Json | undefined = typeof json === "string" ? { action: json } : json;
  return given !== undefined && isAction(given) ? given : undefined;
}

function isAction(given: Json): given is JsonMembers & FieldAction {
  if (!isMembers(given)) return false;
  const { action, ...rest } = given;
  if (!isActionName(action)) return false;
  const parameters = PARAMETERS[action];
  const named = Object.keys(rest).filter((name) => rest[name] !== undefined);
  if (!named.every((name) => Object.hasOwn(parameters, name))) return false;
  return Object.entries(parameters).every(([name, { required, is }]) => {
    const value = rest[name];
    return value === undefined ? !required : is(value);
  });
}

const WHOLE_ACTIONS = Object.entries(PARAMETERS).map(([name, parameters]) => ({
  type: "object",
  additionalProperties: false,
  required: ["action", ...requiredOf(parameters)],
  properties: {
    action: { const: name },
    ...Object.fromEntries(Object.entries(parameters).map(([each, { schema }]) => [each, schema])),
  },
}));

/** JSON Schema of an action in a bundle: its name, or the whole. */
export const ACTION_SCHEMA: object = { anyOf: [{ enum: namesOfBareActions() }, ...WHOLE_ACTIONS] };

/** JSON Schema of an action written whole, as agreements have it: branches told apart by the action's name. */
export const FIELD_ACTION_SCHEMA = {
  type: "object",
  discriminator: { propertyName: "action" },
  required: ["action"],
  oneOf: WHOLE_ACTIONS,
};

function namesOfBareActions(): readonly string[] {
  return Object.entries(PARAMETERS).flatMap(([name, parameters]) =>
    requiredOf(parameters).length === 0 ? [name] : [],
  );
}

function requiredOf(parameters: Readonly<Record<string, Parameter>>): readonly string[] {
  return Object.entries(parameters).flatMap(([name, { required }]) => (required ? [name] : []));
}

/** What can be written again: finite numbers, whole surrogate pairs, no prototype but an object's own. */
function isSoundJson(value: Json): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value.isWellFormed();
  if (value === null || typeof value === "boolean") return true;
  if (typeof value !== "object") return false;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isSoundJson(member));
}
