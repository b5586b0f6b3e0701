import type { FieldAction } from "../kernel/action.ts";
import type { ContractField, JsonType } from "../kernel/contract.ts";
import type { JsonNode } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import { ACTIONS } from "./actions.ts";
import { DemandIndex } from "./demand-index.ts";
import { childrenOf, isLeaf } from "./field-tree.ts";
import { type Demand, joinRules, meetActions } from "./meet.ts";
import type { Ruling } from "./rulings.ts";

/** The contract's fields, each with the one action that the contract and all rulings come to. */
export function planTree(root: ContractField, rulings: readonly Ruling[]): PlanNode {
  const index = new DemandIndex(rulings);
  return isLeaf(root) && root.action === undefined ? unlistedRoot(root, index) : nodeOf(root, index);
}

/** A root of which the contract lists nothing: it leaves as an empty object. */
function unlistedRoot(root: ContractField, index: DemandIndex): PlanNode {
  const demands = index.on(root.path);
  return demands.length === 0 ? node(root, undefined, []) : node(root, settle(root, demands), []);
}

function nodeOf(field: ContractField, index: DemandIndex): PlanNode {
  if (isLeaf(field)) return node(field, settle(field, demandsOnLeaf(field, index)), []);
  const children = childrenOf(field).map((child) => nodeOf(child, index));
  const demands = index.on(field.path);
  if (field.action !== undefined && field.action.action !== "share")
    demands.push({ action: field.action, by: "contract" });
  else if (field.path !== "" && children.every(isDropped)) demands.push(droppedAs(children));
  if (demands.length === 0) return node(field, undefined, children);
  const whole = settle(field, demands);
  // An action that reads a value does not take a container whose fields have rules of their own.
  const outcome: Demand = ACTIONS[whole.action.action].reads
    ? { action: { action: "drop" }, by: "type" }
    : whole;
  const isGone = outcome.action.action === "drop";
  return node(field, outcome, isGone ? children.map((child) => dropped(child, outcome.by)) : []);
}

/** A rule for something inside a value that leaves whole can't be kept: then the value does not leave. */
function demandsOnLeaf(field: ContractField, index: DemandIndex): readonly Demand[] {
  const own: Demand = { action: field.action ?? { action: "drop" }, by: "contract" };
  const canHold = kindsOf(field.check.types).some((kind) => kind === "object" || kind === "array");
  const inside = canHold
    ? index.inside(field.path).map(({ by }): Demand => ({ action: { action: "drop" }, by }))
    : [];
  return [own, ...index.on(field.path), ...inside];
}

function node(field: ContractField, demand: Demand | undefined, children: readonly PlanNode[]): PlanNode {
  const byPath = new Map(children.map((child) => [child.path, child]));
  const members = [...field.members].flatMap(([name, { path }]) => {
    const child = byPath.get(path);
    return child === undefined ? [] : [[name, child] as const];
  });
  return {
    path: field.path,
    action: demand?.action,
    by: demand?.by ?? "contract",
    check: field.check,
    members: Object.fromEntries(members),
    elements: field.elements === undefined ? undefined : byPath.get(field.elements.path),
  };
}

const isDropped = ({ action }: PlanNode): boolean => action?.action === "drop";

/** A container of which nothing would leave is dropped: not even how many elements it has is seen. */
const droppedAs = (children: readonly PlanNode[]): Demand => ({
  action: { action: "drop" },
  by: joinRules(children.map(({ by }) => by)),
});

/** What lies in a dropped container stays with it, by its own rule where that drops it too. */
function dropped(child: PlanNode, by: string): PlanNode {
  const rule = isDropped(child) ? child.by : by;
  const members = Object.entries(child.members).map(([name, each]) => [name, dropped(each, rule)] as const);
  const elements = child.elements === undefined ? undefined : dropped(child.elements, rule);
  return { ...child, action: { action: "drop" }, by: rule, members: Object.fromEntries(members), elements };
}

const KINDS: Readonly<Record<JsonType, JsonNode["kind"]>> = {
  null: "literal",
  boolean: "literal",
  integer: "number",
  number: "number",
  string: "string",
  array: "array",
  object: "object",
};

const kindsOf = (
  types: readonly JsonType[] = ["null", "number", "string", "array", "object"],
): JsonNode["kind"][] => types.map((type) => KINDS[type]);

/**
 * The one action of all demands, held against the type and format of the field. An action drops a value that it does not take,
 * so a stricter action beside it that takes more (pseudonymize beside mask, on a field without a type) would let values
 * through that were dropped before: then the field is dropped.
 */
function settle(field: ContractField, demands: readonly Demand[]): Demand {
  const reading = demands.filter(({ action }) => ACTIONS[action.action].reads);
  const { action } = meetActions(reading);
  const { takes, reads } = ACTIONS[action.action];
  const taken = kindsOf(field.check.types).filter((kind) => takes.includes(kind));
  const allTake = reading.every((each) => takesAll(each.action, action, taken, field));
  // Demands that read no value, or contradict each other, do not depend on the type.
  if (!reads || (taken.length > 0 && allTake)) return meetActions(demands);
  const unavailable = reading.some((each) => each.action.action === "encrypt");
  return { action: { action: "drop" }, by: unavailable ? "encrypt" : "type" };
}

/** Does the action take every value of the field that the outcome takes? */
function takesAll(
  action: FieldAction,
  outcome: FieldAction,
  taken: readonly JsonNode["kind"][],
  { check: { format = "" } }: ContractField,
): boolean {
  const { takes, formats } = ACTIONS[action.action];
  const ofFormat = action.action === outcome.action || formats === undefined || formats.includes(format);
  return ofFormat && taken.every((kind) => takes.includes(kind));
}
