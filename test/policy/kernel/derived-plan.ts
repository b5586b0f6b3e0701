import type { FieldAction } from "../../../src/kernel/action.ts";
import type { ValueCheck } from "../../../src/kernel/contract.ts";
import type { JsonNode } from "../../../src/kernel/json.ts";
import type { PlanNode } from "../../../src/kernel/plan.ts";
import { rule } from "./differential.ts";

type Scalar = "string" | "number" | "literal";

const ACTIONS: Readonly<Record<Scalar, readonly FieldAction[]>> = {
  string: [
    { action: "share" },
    { action: "pseudonymize" },
    { action: "prefix", length: 4 },
    { action: "truncate-date", to: "iso-week" },
    { action: "mask", keepFirst: 1, keepLast: 1, with: "*" },
    { action: "encrypt", keyRole: "quality" },
  ],
  number: [
    { action: "share" },
    { action: "round", multiple: 0.5, mode: "half-even" },
    { action: "band", edges: [0, 10] },
  ],
  literal: [{ action: "share" }, { action: "null" }, { action: "constant", value: "x" }],
};

const CHECKS: Readonly<Record<Scalar, readonly ValueCheck[]>> = {
  string: [
    {},
    { types: ["string"] },
    { types: ["string"], minLength: 1, maxLength: 10_000 },
    { pattern: "" },
  ],
  number: [{}, { types: ["number"] }, { minimum: -1e15, maximum: 1e15 }],
  literal: [{}, { types: ["boolean", "null"] }],
};

/**
 * A plan that a document keeps: every member has a rule but each seventh, elements share those of the first. Which rule it is depends
 * on the place and the seed alone.
 */
export function derivedPlan(node: JsonNode, seed: number, path = ""): PlanNode {
  const turn = hash(`${seed} ${path}`);
  if (node.kind === "array" && node.items.length > 0) {
    if (turn % 11 === 0) return rule(path, { action: { action: "share" }, check: { types: ["array"] } });
    const [first] = node.items;
    const elements = first === undefined ? undefined : derivedPlan(first, seed, `${path}/*`);
    // Elements differ: what one of them is checked for, another may not keep.
    return rule(path, {
      own: undefined,
      elements: elements === undefined ? elements : withoutChecks(elements),
    });
  }
  if (node.kind === "object") {
    if (turn % 11 === 0 && path !== "")
      return rule(path, { action: { action: "share" }, check: { types: ["object"] } });
    const members = [...node.members].flatMap(([name, { value }]) =>
      hash(`${path}/${name}`) % 7 === 0 ? [] : [[name, derivedPlan(value, seed, `${path}/${name}`)] as const],
    );
    return rule(path, { own: undefined, members: Object.fromEntries(members) });
  }
  const kind = node.kind === "array" ? "literal" : node.kind;
  const action = ACTIONS[kind][turn % ACTIONS[kind].length];
  const check = CHECKS[kind][(turn >> 4) % CHECKS[kind].length] ?? {};
  return rule(path, {
    ...(action === undefined ? {} : { action, own: action.action }),
    check: node.kind === "array" ? {} : check,
  });
}

function withoutChecks(node: PlanNode): PlanNode {
  const members = Object.entries(node.members).map(([name, child]) => [name, withoutChecks(child)] as const);
  const elements = node.elements === undefined ? undefined : withoutChecks(node.elements);
  return { ...node, check: {}, members: Object.fromEntries(members), elements };
}

function hash(text: string): number {
  let sum = 7;
  for (const character of text) sum = (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum >>> 3;
}
