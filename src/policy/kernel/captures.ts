import type { AttributeOrigin } from "../../kernel/contract.ts";
import type { PlanNode, PolicyPlan } from "../../kernel/plan.ts";
import { pointerSegments } from "../../kernel/pointer.ts";
import * as B from "./batch-layout.ts";

/** Which nodes' values the key and the attributes of a plan are made of. */
export interface Captures {
  /** A bit for each text, by the node whose value it is. */
  readonly bits: ReadonlyMap<PlanNode, number>;
  /** Pointers may lead to where the kernel does not see one node. */
  readonly areComplete: boolean;
}

/** RFC 6901 §4: it may be an index of an array as well. */
const INDEX = /^(?:0|[1-9][0-9]*)$/;

/** Finds the nodes that the pointers of a plan name. */
export function findCaptures({ event, key, root }: Pick<PolicyPlan, "event" | "key" | "root">): Captures {
  const bits = new Map<PlanNode, number>();
  let areComplete = true;
  const find = (pointer: string | undefined, capture: number): void => {
    if (pointer === undefined) return;
    const node = nodeOf(pointer, root);
    if (node === "unknown") areComplete = false;
    else if (node !== "nothing") bits.set(node, (bits.get(node) ?? 0) | (1 << capture));
  };
  find(pointerOf(event.id), B.CAPTURE_ID);
  find(pointerOf(event.subject), B.CAPTURE_SUBJECT);
  find(pointerOf(event.time), B.CAPTURE_TIME);
  find(key.rule === "pointer" ? key.pointer : undefined, B.CAPTURE_KEY);
  return { bits, areComplete };
}

const pointerOf = (origin: AttributeOrigin): string | undefined =>
  origin.from === "pointer" ? origin.pointer : undefined;

/** Names of members through containers that live by their children; "nothing": no plan lets such a value leave. */
function nodeOf(pointer: string, root: PlanNode): PlanNode | "nothing" | "unknown" {
  const segments = pointerSegments(pointer);
  if (!segments.ok || segments.value.length === 0) return "unknown";
  let node = root;
  for (const name of segments.value) {
    if (name === "*" || INDEX.test(name) || node.action !== undefined) return "unknown";
    const child = Object.hasOwn(node.members, name) ? node.members[name] : undefined;
    if (child === undefined) return Object.hasOwn(node.members, "*") ? "unknown" : "nothing";
    node = child;
  }
  return node;
}
