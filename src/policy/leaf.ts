import type { ActionName, FieldAction } from "../kernel/action.ts";
import type { JsonNode } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import type { Reason } from "../kernel/reason.ts";
import { ACTIONS, type ActionContext, applyAction } from "./actions.ts";
import { keepsCheck } from "./check.ts";
import { isStricter, strictestFinding, textsIn } from "./screens.ts";

/** What a rule makes of one value, or why the record may not leave. */
export type Ruled =
  | {
      /** Undefined: the value does not leave. */
      readonly left: JsonNode | undefined;
      readonly action: ActionName;
      /** As in `AppliedField`. */
      readonly by: string;
    }
  | { readonly reason: Reason };

/** All but the path, which is the rule's own. */
export type ValueContext = Omit<ActionContext, "path">;

/**
 * Decides one value by a rule that has an action: check, then screens, then the action. Of a container whose children have rules of
 * their own it checks its own level alone. Pure in the value, the rule and, for `encrypt`, the place.
 */
export function ruleValue(node: JsonNode, rule: PlanNode, context: ValueContext): Ruled {
  const { action = DROP, path } = rule;
  if (isChecked(rule) && !keepsCheck(node, rule.check))
    return { reason: { code: "SCHEMA_MISMATCH", pointer: path } };
  const finding = rule.screens.length === 0 ? undefined : strictestFinding(rule.screens, textsIn(node));
  if (finding?.outcome === "deny") {
    return { reason: { code: "SCREENED", module: finding.by, pointer: path } };
  }
  if (!ACTIONS[action.action].reads) {
    return { left: applyAction(node, action, { ...context, path }), action: action.action, by: rule.by };
  }
  const left = isUnexpectedContainer(node, rule)
    ? undefined
    : applyAction(node, action, { ...context, path });
  if (left === undefined) {
    return { left, action: "drop", by: action.action === "encrypt" ? "encrypt" : "type" };
  }
  if (finding === undefined || !isStricter(finding.outcome, action.action)) {
    return { left, action: action.action, by: rule.by };
  }
  const instead = applyAction(node, { action: finding.outcome }, { ...context, path });
  return { left: instead, action: instead === undefined ? "drop" : finding.outcome, by: finding.by };
}

/** Is the value held against its schema? Where the contract lets something of it leave, whatever else takes it away. */
export const isChecked = ({ own }: Pick<PlanNode, "own">): boolean => own === undefined || ACTIONS[own].reads;

const DROP: FieldAction = { action: "drop" };

/** What holds more than one value leaves whole only where the schema says that a container stands there. */
const isUnexpectedContainer = (node: JsonNode, { check }: PlanNode): boolean =>
  (node.kind === "object" || node.kind === "array") && check.types?.includes(node.kind) !== true;
