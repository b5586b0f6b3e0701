import type { Json, JsonNode } from "../kernel/json.ts";
import type { PlanCondition } from "../kernel/plan.ts";
import { selectNodes } from "../kernel/pointer.ts";
import { equalsJson } from "./equality.ts";

type Operation = (node: JsonNode, values: readonly Json[]) => boolean;

const isAny: Operation = (node, values) => values.some((value) => equalsJson(node, value));

/** Operation → does one value meet it? */
const OPERATIONS: Readonly<Record<PlanCondition["op"], Operation>> = {
  equals: isAny,
  in: isAny,
  prefix: (node, values) =>
    node.kind === "string" &&
    values.some((value) => typeof value === "string" && value !== "" && node.value.startsWith(value)),
  // A null says that there is no value.
  exists: (node) => !(node.kind === "literal" && node.raw === "null"),
};

/**
 * Does the record, as it came, meet the condition? Where the pointer has a `*`, one of the values is enough; a field that is
 * not there meets nothing.
 */
export const isMet = ({ field, op, values }: PlanCondition, data: JsonNode): boolean =>
  selectNodes(data, field).some((node) => OPERATIONS[op](node, values));
