import { isMembers } from "../kernel/action-settings.ts";
import { CATEGORIES, type Category, CLASSIFICATIONS, type Classification } from "../kernel/contract.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import type { Reason } from "../kernel/reason.ts";
import { failed, type Result } from "../kernel/result.ts";

/** The outcome of settings that a module does not understand: everything is denied. */
export const refused: Result<never, readonly Reason[]> = failed([{ code: "POLICY_INVALID" }]);

/** The settings, when they are an object with no other members than these. No settings at all are `{}`. */
export function settingsOf(settings: Json, names: readonly string[]): JsonMembers | undefined {
  const given = settings ?? {};
  return isMembers(given) && Object.keys(given).every((name) => names.includes(name)) ? given : undefined;
}

export const isCategory = (name: string): name is Category => CATEGORIES.some((each) => each === name);

export const isClassification = (value: Json): value is Classification =>
  CLASSIFICATIONS.some((each) => each === value);

export const isTextList = (value: Json): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");
