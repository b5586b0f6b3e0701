import type { FieldAction } from "../../kernel/action.ts";
import { ACTION_SCHEMA, actionFrom } from "../../kernel/action-settings.ts";
import type { JsonType } from "../../kernel/contract.ts";
import type { Json, JsonNode } from "../../kernel/json.ts";
import { ACTIONS } from "../../policy/actions.ts";
import { choose, closed } from "./odcs/pieces.ts";

const NULL = { properties: { action: { type: "null" } }, required: ["action"] };

/**
 * `mesh.action`: the actions of the policy engine, told apart by their name, so that one wrong parameter is one problem. YAML
 * reads a bare `null` as no string: the action of that name may be written either way.
 */
export const ACTION_SHAPE = choose(NULL, closed({ action: { type: "null" } }), {
  type: "object",
  discriminator: { propertyName: "action" },
  required: ["action"],
  oneOf: wholeActions(),
});

/** Bundles may also write an action's name alone; contracts write it whole. */
function wholeActions(): readonly object[] {
  const { anyOf } = ACTION_SCHEMA as { readonly anyOf: readonly object[] };
  return anyOf.filter((branch) => "properties" in branch);
}

/** The action that a value means; undefined when it is none. */
export function toAction(value: Json | undefined): FieldAction | undefined {
  const isNull = typeof value === "object" && value !== null && "action" in value && value.action === null;
  return actionFrom(isNull ? "null" : value);
}

/** Kind of value → the types of JSON Schema that are of this kind. */
const TYPES: Readonly<Record<JsonNode["kind"], readonly JsonType[]>> = {
  literal: ["null", "boolean"],
  number: ["integer", "number"],
  string: ["string"],
  array: ["array"],
  object: ["object"],
};

/** Is there a type among these that the action takes? */
export function takesOneOf(action: FieldAction, types: readonly JsonType[]): boolean {
  const taken = ACTIONS[action.action].takes.flatMap((kind) => TYPES[kind]);
  return types.some((type) => taken.includes(type));
}
