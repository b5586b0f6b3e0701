import type { PlanNode } from "../kernel/plan.ts";

/** Root → every node below it by its path: a large contract is asked about once for each field and rule. */
const indexes = new WeakMap<PlanNode, ReadonlyMap<string, PlanNode>>();

/** The field's own node, or the one of a container above it that is replaced whole. */
export function nodeAt(root: PlanNode, path: string): PlanNode {
  const index = indexes.get(root) ?? new Map([...nodesFrom(root)].map((node) => [node.path, node]));
  indexes.set(root, index);
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const node = index.get(at);
    if (node !== undefined) return node;
  }
  return root;
}

function* nodesFrom(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of Object.values(node.members)) yield* nodesFrom(child);
  if (node.elements !== undefined) yield* nodesFrom(node.elements);
}
