import type { ActionName } from "../kernel/action.ts";
import type { JsonArray, JsonNode, JsonObject } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import type { Reason } from "../kernel/reason.ts";
import type { Screen } from "../kernel/screen.ts";
import { keepsCheck } from "./check.ts";
import { isChecked, ruleValue, type ValueContext } from "./leaf.ts";
import { strictestFinding } from "./screens.ts";

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
 * Keeps what the plan names, checks it, screens it, edits it, and drops the rest. Checks and screens see the value as it came; they are
 * made of all that the contract lets leave in some form, also where a rule takes the value away. Containers keep their
 * shape: one that the plan names stays though nothing be left in it, and an array keeps its length (a dropped element
 * becomes null), so that the partner's schema can be derived from the plan alone. The value given is never changed.
 */
export function project(data: JsonNode, root: PlanNode, context: ValueContext): Projection {
  const run: Run = { context, faults: new Map(), tally: new Map() };
  const left = visit(data, root, run);
  return { data: left, reasons: inOrder(run.faults), fields: inOrder(run.tally) };
}

interface Run {
  readonly context: ValueContext;
  readonly faults: Map<string, Reason>;
  readonly tally: Map<string, AppliedField>;
}

const inOrder = <Value>(found: ReadonlyMap<string, Value>): readonly Value[] =>
  [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);

function visit(node: JsonNode, rule: PlanNode, run: Run): JsonNode | undefined {
  if (rule.action === undefined) {
    if (keepsCheck(node, rule.check)) return container(node, rule, run);
    fault(run, { code: "SCHEMA_MISMATCH", pointer: rule.path });
    return undefined;
  }
  const ruled = ruleValue(node, rule, run.context);
  if ("reason" in ruled) {
    fault(run, ruled.reason);
    return undefined;
  }
  if (rule.own === undefined) checkInside(node, rule, run);
  if (ruled.action !== "share") count(run, rule.path, ruled.action, ruled.by);
  return ruled.left;
}

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
    const kept = child === undefined ? undefined : member(name, value, rule, child, run);
    if (kept !== undefined) left.set(name, { raw, value: kept });
  }
  checkRequired(node, rule, run);
  return { kind: "object", members: left };
}

function member(
  name: string,
  value: JsonNode,
  rule: PlanNode,
  child: PlanNode,
  run: Run,
): JsonNode | undefined {
  const finding = findingInName(name, rule);
  if (finding === undefined) return visit(value, child, run);
  if (finding.outcome === "deny") fault(run, { code: "SCREENED", module: finding.by, pointer: child.path });
  else count(run, child.path, "drop", finding.by);
  checkGone(value, child, run);
  return undefined;
}

/** What is found in a name that the contract does not spell out. */
const findingInName = (name: string, { screens, members: listed }: PlanNode): Screen | undefined =>
  screens.length === 0 || Object.hasOwn(listed, name) ? undefined : strictestFinding(screens, [name]);

/** A member that the contract itself keeps back is nobody's to miss. */
function checkRequired(node: JsonObject, rule: PlanNode, run: Run): void {
  for (const name of rule.check.required ?? []) {
    const child = memberRule(rule, name);
    if (child !== undefined && child.own !== "drop" && !node.members.has(name))
      fault(run, { code: "SCHEMA_MISMATCH", pointer: child.path });
  }
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

/** The checks and screens inside a container that a rule took away whole. Nothing is counted: it went with the container. */
function checkInside(node: JsonNode, rule: PlanNode, run: Run): void {
  if (node.kind === "array" && rule.elements !== undefined) {
    for (const item of node.items) checkGone(item, rule.elements, run);
  }
  if (node.kind !== "object" || !(rule.elements === undefined || hasMembers(rule))) return;
  for (const [name, { value }] of node.members) {
    const child = memberRule(rule, name);
    if (child === undefined) continue;
    const finding = findingInName(name, rule);
    if (finding !== undefined) fault(run, { code: "SCREENED", module: finding.by, pointer: child.path });
    checkGone(value, child, run);
  }
  checkRequired(node, rule, run);
}

function checkGone(node: JsonNode, rule: PlanNode, run: Run): void {
  if (!isChecked(rule)) return;
  const ruled = ruleValue(node, rule, run.context);
  if ("reason" in ruled) fault(run, ruled.reason);
  else if (rule.own === undefined) checkInside(node, rule, run);
}

const fault = (run: Run, reason: Reason): unknown =>
  run.faults.set(`${reason.code}\n${reason.pointer}\n${reason.module}`, reason);

function count(run: Run, pointer: string, action: ActionName, by: string): void {
  const name = `${pointer}\n${action}\n${by}`;
  const before = run.tally.get(name)?.count ?? 0;
  run.tally.set(name, { pointer, action, by, count: before + 1 });
}
