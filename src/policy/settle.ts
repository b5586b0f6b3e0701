import type { FieldAction } from "../kernel/action.ts";
import type { ContractField, JsonType } from "../kernel/contract.ts";
import type { JsonNode } from "../kernel/json.ts";
import { ACTIONS } from "./actions.ts";
import { type Demand, isWeaker, meetActions } from "./meet.ts";

const KINDS: Readonly<Record<JsonType, JsonNode["kind"]>> = {
  null: "literal",
  boolean: "literal",
  integer: "number",
  number: "number",
  string: "string",
  array: "array",
  object: "object",
};

/** The kinds of value that a field may have; without types, all. */
export const kindsOf = (
  types: readonly JsonType[] = ["null", "number", "string", "array", "object"],
): JsonNode["kind"][] => types.map((type) => KINDS[type]);

/**
 * The one action of all demands, held against the type and format of the field. An action drops a value that it does not take,
 * so a stricter action beside it that takes more (pseudonymize beside mask, on a field without a type) would let values
 * through that were dropped before: then the field is dropped, whatever a third demand would make of it. So is one that is
 * to be encrypted where nobody can open it.
 */
export function settle(field: ContractField, demands: readonly Demand[], canEncrypt: boolean): Demand {
  const reading = demands.filter(({ action }) => ACTIONS[action.action].reads);
  const { action } = meetActions(reading);
  const { takes, reads } = ACTIONS[action.action];
  const kinds = kindsOf(field.check.types);
  const isTaken = kinds.some((kind) => takes.includes(kind));
  const allTake = reading.every((weaker) =>
    reading.every((stricter) => takesAll(weaker.action, stricter.action, field)),
  );
  const unavailable = !canEncrypt && reading.some((each) => each.action.action === "encrypt");
  // Demands that read no value, or contradict each other, do not depend on the type.
  if (!reads || (isTaken && allTake && !unavailable)) return meetActions(demands);
  return { action: { action: "drop" }, by: unavailable ? "encrypt" : "type" };
}

/** Does the weaker action take every value of the field that the stricter one takes? */
function takesAll(
  weaker: FieldAction,
  stricter: FieldAction,
  { check: { types, format = "" } }: ContractField,
): boolean {
  if (!isWeaker(weaker, stricter)) return true;
  const { takes, formats } = ACTIONS[weaker.action];
  const taken = kindsOf(types).filter((kind) => ACTIONS[stricter.action].takes.includes(kind));
  return (formats === undefined || formats.includes(format)) && taken.every((kind) => takes.includes(kind));
}
