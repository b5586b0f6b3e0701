import type { ActionName, FieldAction } from "../kernel/action.ts";
import { ACTION_SCHEMA, actionFrom } from "../kernel/action-settings.ts";
import { isMembers, type Json, type JsonMembers } from "../kernel/json.ts";
import type { Reason } from "../kernel/reason.ts";
import { failed, type Result } from "../kernel/result.ts";
import { instantOf } from "./civil-date.ts";

/** The outcome of settings that a module does not understand: everything is denied. */
export const refused: Result<never, readonly Reason[]> = failed([{ code: "POLICY_INVALID" }]);

/** What may stand in a file, said once: as a schema for `lint` and editors, and as a guard for `compile`. */
export interface Setting<Value extends Json> {
  /** JSON Schema 2020-12. */
  readonly schema: object;
  is(value: Json): value is Value;
}

/** The settings, when they are what the module takes. No settings at all are `{}`. */
export function settingsOf<Value extends Json>(settings: Json, taken: Setting<Value>): Value | undefined {
  const given = settings ?? {};
  return taken.is(given) ? given : undefined;
}

/** What a setting holds. */
export type ValueOf<Each> = Each extends Setting<infer Value> ? Value : never;
type Members<Shape, Needed extends keyof Shape> = JsonMembers & {
  readonly [Name in keyof Shape as Name extends Needed ? never : Name]?: ValueOf<Shape[Name]>;
} & { readonly [Name in Needed]: ValueOf<Shape[Name]> };

/** An object with these members and no other. */
export function members<
  const Shape extends Readonly<Record<string, Setting<Json>>>,
  Needed extends string & keyof Shape = never,
>(shape: Shape, needed: readonly Needed[] = []): Setting<Members<Shape, Needed>> {
  const known = new Map<string, Setting<Json>>(Object.entries(shape));
  const properties = Object.fromEntries([...known].map(([name, { schema }]) => [name, schema]));
  return {
    schema: { type: "object", additionalProperties: false, required: needed, properties },
    is: (value): value is Members<Shape, Needed> =>
      isMembers(value) &&
      needed.every((name) => Object.hasOwn(value, name)) &&
      Object.entries(value).every(([name, member]) => known.get(name)?.is(member)),
  };
}

/** An object whose names are texts of this form, with values of one kind. */
export const byName = <Value extends Json>(
  name: Setting<string>,
  each: Setting<Value>,
): Setting<Readonly<Record<string, Value>>> => ({
  schema: {
    type: "object",
    maxProperties: ENTRIES_MAX,
    propertyNames: name.schema,
    additionalProperties: each.schema,
  },
  is: (value): value is Readonly<Record<string, Value>> =>
    isMembers(value) &&
    Object.keys(value).length <= ENTRIES_MAX &&
    Object.entries(value).every(([key, member]) => name.is(key) && each.is(member)),
});

/** An object of these names, all of them optional, with values of one kind. */
export const perName = <const Name extends string, Value extends Json>(
  names: readonly Name[],
  each: Setting<Value>,
): Setting<JsonMembers & { readonly [Key in Name]?: Value }> => ({
  schema: {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, each.schema])),
  },
  is: (value): value is JsonMembers & { readonly [Key in Name]?: Value } =>
    isMembers(value) &&
    Object.entries(value).every(([key, member]) => names.some((name) => name === key) && each.is(member)),
});

/** Entries of one list or table: plans hold them, and are digested and compared. */
const ENTRIES_MAX = 1000;

export const listOf = <Value extends Json>(each: Setting<Value>): Setting<readonly Value[]> => ({
  schema: { type: "array", maxItems: ENTRIES_MAX, items: each.schema },
  is: (value): value is readonly Value[] =>
    isList(value) && value.length <= ENTRIES_MAX && value.every((entry) => each.is(entry)),
});

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

export const oneOf = <const Value extends string>(values: readonly Value[]): Setting<Value> => ({
  schema: { enum: values },
  is: (value): value is Value => values.some((each) => each === value),
});

/** A whole number, both ends included. */
export const integer = (least: number, most: number): Setting<number> => ({
  schema: { type: "integer", minimum: least, maximum: most },
  is: (value): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most,
});

/** A text that the pattern describes from its first to its last character; the pattern has no groups that repeat. */
const textLike = (pattern: string): Setting<string> => {
  const expression = new RegExp(pattern, "u");
  return {
    schema: { type: "string", pattern },
    is: (value): value is string => typeof value === "string" && expression.test(value),
  };
};

/** A name as people write them: one line, up to 200 characters. */
export const name = textLike("^[^\\p{Cc}\\p{Cs}]{1,200}$");

/** A text to look for: of one character it would be found nearly everywhere; space at an end is a slip. */
export const word = textLike("^[^\\s\\p{Cc}\\p{Cs}][^\\p{Cc}\\p{Cs}]{0,198}[^\\s\\p{Cc}\\p{Cs}]$");

/** The end of host names, as `corp.example`, `.corp.example` or `*.corp.example`. */
export const hostSuffix = textLike("^(?:\\*?\\.)?[A-Za-z0-9][A-Za-z0-9.-]{0,251}[A-Za-z0-9]$");

/** ISO 3166-1 alpha-2. */
export const country = textLike("^[A-Z]{2}$");

/** An action as bundles write it: its name alone, or the whole. */
export type ActionSetting = ActionName | FieldAction;
export const action: Setting<ActionSetting> = {
  schema: ACTION_SCHEMA,
  is: (value): value is ActionSetting => actionFrom(value) !== undefined,
};

/** The action that is meant: `drop` where none is. */
export const actionOf = (setting: ActionSetting = "drop"): FieldAction =>
  actionFrom(setting) ?? { action: "drop" };

/** A date, or a time of RFC 3339 with seconds and an offset. */
const INSTANT = textLike(
  "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?$",
);
export const instant: Setting<string> = {
  schema: { ...INSTANT.schema, anyOf: [{ format: "date" }, { format: "date-time" }] },
  is: (value): value is string => INSTANT.is(value) && instantOf(value) !== undefined,
};
