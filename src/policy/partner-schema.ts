import type { JsonMembers } from "../kernel/json.ts";
import type { PlanNode, PolicyPlan } from "../kernel/plan.ts";
import { itemKeywords, possibleTypes } from "./checked-shape.ts";
import { anyOf, type Leaving, leavingOf, NEVER, NULL_SHAPE, union } from "./leaving.ts";

/**
 * JSON Schema (2020-12) of a record's value as it leaves by this plan; in structured mode, of the event's `data`. Every record that
 * leaves keeps it, and it says no more than the plan lets the partner see: no descriptions, no examples, no member that
 * is dropped.
 *
 * How a subscriber reads it: the model is closed, so that a producer and a test can hold a record against it; a consumer should still
 * pass over members that it does not know, because a later contract may have more. A member that is not `required` may be
 * missing, also where the publisher has a value: a rule took it away. `null` in an array stands for such an element, so
 * that arrays keep their length. `format` is an annotation. Numbers are exact decimals: one that is no double (RFC 7493
 * §2.2) may look to a reader of doubles as if it broke a bound.
 *
 * A denial of the plan makes no difference: it is the schema of what would leave.
 */
export function partnerSchema(plan: PolicyPlan): JsonMembers {
  const schema = anyOf(leavingFrom(plan.root).shapes);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...(schema === false ? { not: {} } : schema),
  };
}

/** What may leave by a rule, with all that is below it. */
export function leavingFrom(rule: PlanNode): Leaving {
  if (rule.action !== undefined) return leavingOf(rule);
  return union(
    possibleTypes(rule.check).map((type) => {
      if (type === "array" && rule.elements !== undefined) return arrayOf(rule, rule.elements);
      return type === "object" && takesObjects(rule) ? objectOf(rule) : NEVER;
    }),
  );
}

/** As the projection: a rule for elements alone is no rule for an object. */
const takesObjects = ({ members, elements }: PlanNode): boolean =>
  elements === undefined || Object.keys(members).length > 0;

function arrayOf({ check }: PlanNode, elements: PlanNode): Leaving {
  const { shapes, always } = leavingFrom(elements);
  const items = always ? shapes : union([{ shapes: [...shapes, NULL_SHAPE], always }]).shapes;
  return { shapes: [{ type: "array", items: anyOf(items), ...itemKeywords(check) }], always: true };
}

function objectOf({ members, check }: PlanNode): Leaving {
  const { "*": others = NEVER, ...named } = Object.fromEntries(
    Object.entries(members).map(([name, child]) => [name, leavingFrom(child)]),
  );
  const there = Object.entries(named).filter(([, { shapes }]) => shapes.length > 0);
  // A record without a member that the contract asks for is denied; so it is there, unless its own rule takes it away.
  const required = there.filter(([name, { always }]) => always && check.required?.includes(name) === true);
  const shape: JsonMembers = {
    type: "object",
    properties: Object.fromEntries(there.map(([name, { shapes }]) => [name, anyOf(shapes)])),
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    additionalProperties: anyOf(others.shapes),
  };
  return { shapes: [shape], always: true };
}
