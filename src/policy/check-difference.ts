import { canonicalJson } from "../kernel/canonical-json.ts";
import type { ValueCheck } from "../kernel/contract.ts";
import type { Json } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import { compared } from "./narrower.ts";
import type { PlanChange } from "./plan-change.ts";
import { isReadableAs, type Reading } from "./readable.ts";

type NoWider = (one: Json, other: Json) => boolean;

const atLeast: NoWider = (one, other) => Number(one) >= Number(other);
const atMost: NoWider = (one, other) => Number(one) <= Number(other);
const equal: NoWider = (one, other) => canonicalJson(one) === canonicalJson(other);
const listed = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);
const subset: NoWider = (one, other) =>
  listed(one).every((value) => listed(other).some((each) => equal(each, value)));

/** Keyword of a check → does one demand at least what the other demands? What is not said demands nothing. */
const KEYWORDS: { readonly [Name in keyof Required<ValueCheck>]: NoWider } = {
  types: (one, other) =>
    subset(
      listed(one).map((type) => (type === "integer" && listed(other).includes("number") ? "number" : type)),
      other,
    ),
  required: (one, other) => subset(other, one),
  enum: subset,
  minimum: atLeast,
  exclusiveMinimum: atLeast,
  minLength: atLeast,
  minItems: atLeast,
  maximum: atMost,
  exclusiveMaximum: atMost,
  maxLength: atMost,
  maxItems: atMost,
  multipleOf: equal,
  pattern: equal,
  format: equal,
};
const NAMES = Object.keys(KEYWORDS) as readonly (keyof ValueCheck)[];

/** In what the two wire schemas differ at one value, a keyword each: what is checked of less can let through more. */
export function checkChanges(
  place: string,
  old: PlanNode,
  next: PlanNode,
  reading: Reading,
): readonly PlanChange[] {
  return NAMES.flatMap((aspect): readonly PlanChange[] => {
    const [before, after] = [demandOf(old, aspect), demandOf(next, aspect)];
    const direction = compared(before, after, (one, other) =>
      other === undefined ? true : one !== undefined && KEYWORDS[aspect](one, other),
    );
    if (direction === "same") return [];
    const verdict = isReadableAs(reading, direction);
    return [{ place, aspect, direction, verdict, before: said(before), after: said(after) }];
  });
}

/** Of required members only those that the contract does not keep back: nobody asks for the others. */
function demandOf({ check, members }: PlanNode, keyword: keyof ValueCheck): Json | undefined {
  if (keyword !== "required") return check[keyword];
  const asked = check.required?.filter((name) => members[name] !== undefined && members[name].own !== "drop");
  return asked?.length === 0 ? undefined : asked;
}

const said = (demand: Json | undefined) => ({
  says: demand === undefined ? "anything" : canonicalJson(demand),
  by: "contract",
});
