import type { ScopeRule } from "../../kernel/contract.ts";
import { isMembers, type Json, type JsonMembers } from "../../kernel/json.ts";
import { done } from "../../kernel/result.ts";
import { fieldsFrom } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { isPointer, meets } from "../path.ts";
import { conditionFrom, isReference } from "../scope-rule.ts";
import { refused } from "../settings.ts";

const OPERATIONS: readonly ScopeRule["op"][] = ["equals", "in", "prefix", "exists"];

/** Operations that compare the field with a value or with what a reference stands for. */
const COMPARING = OPERATIONS.filter((each) => each !== "exists");
const ONE_SIDE = { oneOf: [{ required: ["value"] }, { required: ["ref"] }] };
const NO_SIDE = { properties: { value: false, ref: false } };

/** RFC 6901 §3. */
const POINTER = "^(?:/(?:[^~/]|~[01])*)*$";
const REFERENCE = "^(?:partner\\.(?:id|id\\.local|country|groups)|agreement\\.parameters\\.[\\s\\S]+)$";

/** The same list as `mesh.scope`; a rule concerns the contracts that list its field. */
export const scope: PolicyModule = {
  name: "scope",
  version: "1.0.0",
  settingsSchema: {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      required: ["field", "op"],
      properties: {
        field: { type: "string", pattern: POINTER },
        op: { enum: OPERATIONS },
        value: {},
        ref: { type: "string", pattern: REFERENCE },
      },
      allOf: [
        { if: { properties: { op: { const: "exists" } } }, else: ONE_SIDE },
        { if: { properties: { op: { enum: COMPARING } } }, else: NO_SIDE },
      ],
    },
  },
  describe:
    "A record leaves only if these need-to-know conditions hold, where the contract lists their field.",
  compile(settings, facts) {
    if (!isList(settings)) return refused;
    const rules = settings.filter(isRule);
    if (rules.length < settings.length) return refused;
    const listed = [...fieldsFrom(facts.contract.root)];
    const concerned = rules.filter(({ field }) => listed.some(({ path }) => meets(field, path)));
    return done({ conditions: concerned.map((rule) => conditionFrom(rule, facts)) });
  },
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function isRule(rule: Json): rule is JsonMembers & ScopeRule {
  if (!isMembers(rule)) return false;
  const { field, op, value, ref, ...rest } = rule;
  if (Object.keys(rest).length > 0 || typeof field !== "string" || !isPointer(field)) return false;
  if (ref !== undefined && (typeof ref !== "string" || !isReference(ref))) return false;
  const given = Number(value !== undefined) + Number(ref !== undefined);
  return OPERATIONS.some((each) => each === op) && given === (op === "exists" ? 0 : 1);
}
