import type { ScopeRule } from "../kernel/contract.ts";
import type { Json } from "../kernel/json.ts";
import type { PlanCondition } from "../kernel/plan.ts";
import { localId } from "../kernel/uri.ts";
import type { PlanFacts } from "./module.ts";

type Resolver = (facts: PlanFacts) => string | readonly string[] | undefined;

/** Reference → what it stands for with this partner. */
const REFERENCES: ReadonlyMap<string, Resolver> = new Map<string, Resolver>([
  ["partner.id", ({ partner }) => partner.card.id],
  ["partner.id.local", ({ partner }) => localId(partner.card.id)],
  ["partner.country", ({ partner }) => partner.country],
  ["partner.groups", ({ partner }) => partner.groups],
]);
const PARAMETER = "agreement.parameters.";

/** Is the text a reference that a scope rule may use? */
export const isReference = (ref: string): boolean =>
  REFERENCES.has(ref) || (ref.startsWith(PARAMETER) && ref.length > PARAMETER.length);

/**
 * A need-to-know rule with its reference resolved. What can't be resolved (no such parameter, no country, both a value and a
 * reference) leaves no values, and without values no record meets the condition.
 */
export function conditionFrom(rule: ScopeRule, facts: PlanFacts): Omit<PlanCondition, "module"> {
  const { field, op, value, ref } = rule;
  const values = op === "exists" ? [] : valuesOf(op, value, ref, facts);
  // Every text begins with the empty one: as a prefix it would be no condition.
  return { field, op, values: op === "prefix" ? values.filter((each) => each !== "") : values };
}

function valuesOf(
  op: ScopeRule["op"],
  value: Json | undefined,
  ref: string | undefined,
  facts: PlanFacts,
): readonly Json[] {
  if (ref === undefined) return value === undefined ? [] : op === "equals" ? [value] : listOf(value);
  if (value !== undefined) return [];
  const resolved = ref.startsWith(PARAMETER)
    ? parameter(ref.slice(PARAMETER.length), facts)
    : REFERENCES.get(ref)?.(facts);
  return resolved === undefined ? [] : listOf(resolved);
}

/** Own properties only: a reference may name `constructor`. */
function parameter(name: string, { agreement }: PlanFacts): string | readonly string[] | undefined {
  if (agreement === undefined || !Object.hasOwn(agreement.parameters, name)) return undefined;
  return agreement.parameters[name];
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const listOf = (value: Json): readonly Json[] => (isList(value) ? value : [value]);
