import type { ActionName } from "../kernel/action.ts";
import type { JsonArray, JsonNode, JsonObject } from "../kernel/json.ts";
import type { PlanNode, PolicyPlan } from "../kernel/plan.ts";
import type { PseudonymKeys } from "../kernel/ports.ts";
import type { Reason } from "../kernel/reason.ts";
import { ACTIONS, type ActionContext, applyAction } from "./actions.ts";
import { keepsCheck } from "./check.ts";

/** What was done to a field of one record: where, what, by which rule, how often. Never a value or an unlisted name. */
export interface AppliedField {
  /**
   * The field's path in the contract; the container's path and `/?` for members and elements that the contract does not
   * list, because names can be secret.
   */
  readonly pointer: string;
  readonly action: ActionName;
  /** `contract`, `agreement`, `clearance`, `bundle/module`, or `type`: the action does not take such a value. */
  readonly by: string;
  readonly count: number;
}

/** What a plan makes of one value. With a reason in it nothing leaves. */
export interface Projection {
  /** Undefined: nothing of the value may leave, not even that it is empty. */
  readonly data: JsonNode | undefined;
  readonly reasons: readonly Reason[];
  /** Ordered by pointer, action and rule; what is shared as it is is not listed. */
  readonly fields: readonly AppliedField[];
}

/**
 * Keeps what the plan names, checks it, edits it, and drops the rest. Checks see the value as it came; what is dropped,
 * nulled or replaced by a constant is not checked, because nothing of it leaves. Containers keep their shape: one that
 * the plan names stays though nothing be left in it, and an array keeps its length (a dropped element becomes null), so
 * that the partner's schema can be derived from the plan alone. The value given is never changed.
 */
export function project(data: JsonNode, plan: PolicyPlan, keys: PseudonymKeys): Projection {
  const run: Run = { plan, keys, faults: new Set(), tally: new Map() };
  const left = visit(data, plan.root, run);
  const reasons = [...run.faults].sort().map((pointer): Reason => ({ code: "SCHEMA_MISMATCH", pointer }));
  const fields = [...run.tally.entries()].sort(([one], [other]) => (one < other ? -1 : 1));
  return { data: left, reasons, fields: fields.map(([, field]) => field) };
}

interface Run {
  readonly plan: PolicyPlan;
  readonly keys: PseudonymKeys;
  /** Pointers at which the schema is not kept. */
  readonly faults: Set<string>;
  readonly tally: Map<string, AppliedField>;
}

function visit(node: JsonNode, rule: PlanNode, run: Run): JsonNode | undefined {
  const { action } = rule;
  if (action !== undefined && !ACTIONS[action.action].reads) {
    count(run, rule.path, action.action, rule.by);
    return applyAction(node, action, contextOf(rule, run));
  }
  if (!keepsCheck(node, rule.check)) {
    run.faults.add(rule.path);
    return undefined;
  }
  if (action === undefined) return container(node, rule, run);
  const left = isUnexpectedContainer(node, rule)
    ? undefined
    : applyAction(node, action, contextOf(rule, run));
  if (left === undefined) count(run, rule.path, "drop", action.action === "encrypt" ? "encrypt" : "type");
  else if (action.action !== "share") count(run, rule.path, action.action, rule.by);
  return left;
}

/** What holds more than one value leaves whole only where the schema says that a container stands there. */
const isUnexpectedContainer = (node: JsonNode, { check }: PlanNode): boolean =>
  (node.kind === "object" || node.kind === "array") && check.types?.includes(node.kind) !== true;

function container(node: JsonNode, rule: PlanNode, run: Run): JsonNode | undefined {
  if (node.kind === "array" && rule.elements !== undefined) return elements(node, rule.elements, run);
  if (node.kind === "object" && (rule.elements === undefined || hasMembers(rule)))
    return members(node, rule, run);
  count(run, rule.path, "drop", "type");
  return undefined;
}

const hasMembers = ({ members: listed }: PlanNode): boolean => Object.keys(listed).length > 0;

function members(node: JsonObject, rule: PlanNode, run: Run): JsonNode {
  const left = new Map<string, { readonly raw: string; readonly value: JsonNode }>();
  for (const [name, { raw, value }] of node.members) {
    const child = memberRule(rule, name);
    if (child === undefined) count(run, `${rule.path}/?`, "drop", "contract");
    const kept = child === undefined ? undefined : visit(value, child, run);
    if (kept !== undefined) left.set(name, { raw, value: kept });
  }
  for (const name of rule.check.required ?? []) {
    const child = memberRule(rule, name);
    const leaves = child !== undefined && child.action?.action !== "drop";
    if (leaves && !node.members.has(name)) run.faults.add(child.path);
  }
  return { kind: "object", members: left };
}

/** The member's own rule, or the one for all values of a map. Own properties only: a record may say `constructor`. */
function memberRule({ members: listed }: PlanNode, name: string): PlanNode | undefined {
  if (Object.hasOwn(listed, name)) return listed[name];
  return Object.hasOwn(listed, "*") ? listed["*"] : undefined;
}

const NULL: JsonNode = { kind: "literal", raw: "null" };

const elements = (node: JsonArray, rule: PlanNode, run: Run): JsonNode => ({
  kind: "array",
  items: node.items.map((item) => visit(item, rule, run) ?? NULL),
});

function count(run: Run, pointer: string, action: ActionName, by: string): void {
  const name = `${pointer}\n${action}\n${by}`;
  const before = run.tally.get(name)?.count ?? 0;
  run.tally.set(name, { pointer, action, by, count: before + 1 });
}

const contextOf = ({ path }: PlanNode, { plan, keys }: Run): ActionContext => ({
  path,
  partner: plan.partner,
  keys,
});
