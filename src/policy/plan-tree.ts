import type { FieldAction } from "../kernel/action.ts";
import type { ContractField } from "../kernel/contract.ts";
import type { PlanNode } from "../kernel/plan.ts";
import { ACTIONS } from "./actions.ts";
import { childrenOf, isLeaf } from "./field-tree.ts";
import { isChecked } from "./leaf.ts";
import { type Demand, joinRules } from "./meet.ts";
import { PathIndex } from "./path-index.ts";
import type { Ruling } from "./rulings.ts";
import { denying, type ScreenIndex, screenIndex, screensFor } from "./screens.ts";
import { kindsOf, settle } from "./settle.ts";

/** What the tree is made by. */
interface Sources {
  readonly demands: PathIndex<Demand>;
  readonly screens: ScreenIndex;
  /** The partner has a key to encrypt for. */
  readonly canEncrypt: boolean;
}

/**
 * The contract's fields, each with the one action that the contract and all rulings come to. `base` are the rulings that hold without
 * any module or agreement: what they leave is what every check is made for.
 */
export function planTree(
  root: ContractField,
  rulings: readonly Ruling[],
  base: readonly Ruling[],
  canEncrypt: boolean,
): PlanNode {
  const own = treeOf(root, { demands: demandIndex(base), screens: screenIndex([]), canEncrypt });
  const all = treeOf(root, { demands: demandIndex(rulings), screens: screenIndex(rulings), canEncrypt });
  return withOwn(all, own);
}

/** `share` takes nothing away, and is left out. */
function demandIndex(rulings: readonly Ruling[]): PathIndex<Demand> {
  const index = new PathIndex<Demand>();
  for (const { by, rules } of rulings) {
    for (const { path, action } of rules.fields ?? [])
      if (action.action !== "share") index.add(path, { action, by });
  }
  return index;
}

/** Both trees are of one contract, so they have the same nodes. */
function withOwn(node: PlanNode, own: PlanNode): PlanNode {
  const members = Object.entries(node.members).map(([name, child]) => {
    const counterpart = own.members[name];
    const joined = counterpart === undefined ? child : withOwn(child, counterpart);
    return [name, name === "*" ? withoutName(joined) : joined] as const;
  });
  const elements =
    node.elements === undefined || own.elements === undefined
      ? node.elements
      : withOwn(node.elements, own.elements);
  const ownAction = own.action?.action;
  // What the contract itself keeps back is nothing that a finding could keep back.
  const screens = ownAction === undefined || ACTIONS[ownAction].reads ? node.screens : [];
  return { ...node, own: ownAction, screens, members: Object.fromEntries(members), elements };
}

/** Of a map the names are data too: a value that a rule replaces goes name and all, as one that an action does not take. */
function withoutName(child: PlanNode): PlanNode {
  const replaces = child.action !== undefined && !ACTIONS[child.action.action].reads;
  return replaces && isChecked(child) ? { ...child, action: DROP } : child;
}

const treeOf = (root: ContractField, sources: Sources): PlanNode =>
  isLeaf(root) && root.action === undefined ? unlistedRoot(root, sources) : nodeOf(root, sources);

/** A root of which the contract lists nothing: it leaves as an empty object. */
function unlistedRoot(root: ContractField, sources: Sources): PlanNode {
  const demands = sources.demands.on(root.path);
  return node(
    root,
    demands.length === 0 ? undefined : settle(root, demands, sources.canEncrypt),
    [],
    sources,
  );
}

function nodeOf(field: ContractField, sources: Sources): PlanNode {
  if (isLeaf(field))
    return node(field, settle(field, demandsOnLeaf(field, sources), sources.canEncrypt), [], sources);
  const children = childrenOf(field).map((child) => nodeOf(child, sources));
  const demands = sources.demands.on(field.path);
  if (field.action !== undefined && field.action.action !== "share")
    demands.push({ action: field.action, by: "contract" });
  else if (field.path !== "" && children.every(isDropped)) demands.push(droppedAs(children));
  if (demands.length === 0) return node(field, undefined, children, sources);
  const whole = settle(field, demands, sources.canEncrypt);
  // An action that reads a value does not take a container whose fields have rules of their own.
  const outcome: Demand = ACTIONS[whole.action.action].reads ? { action: DROP, by: "type" } : whole;
  const gone = children.map((child) => dropped(child, outcome.by));
  return node(field, outcome, gone, sources);
}

const DROP: FieldAction = { action: "drop" };

/** Can the field's value hold others, of which the contract lists none? It leaves with whatever it holds, or not at all. */
export const leavesWhole = (field: ContractField): boolean =>
  isLeaf(field) && kindsOf(field.check.types).some((kind) => kind === "object" || kind === "array");

/** A rule for something inside a value that leaves whole can't be kept: then the value does not leave. */
function demandsOnLeaf(field: ContractField, { demands }: Sources): readonly Demand[] {
  const own: Demand = { action: field.action ?? DROP, by: "contract" };
  const inside = leavesWhole(field)
    ? demands.inside(field.path).map(({ by }): Demand => ({ action: DROP, by }))
    : [];
  return [own, ...demands.on(field.path).map((demand) => inDomainOf(own.action, demand)), ...inside];
}

/** Who demands a pseudonym and names no domain is content with the contract's. */
function inDomainOf(own: FieldAction, demand: Demand): Demand {
  const { action } = demand;
  const isOpen = action.action === "pseudonymize" && action.domain === undefined;
  if (!isOpen || own.action !== "pseudonymize" || own.domain === undefined) return demand;
  return { ...demand, action: { ...action, domain: own.domain } };
}

function node(
  field: ContractField,
  demand: Demand | undefined,
  children: readonly PlanNode[],
  { screens }: Sources,
): PlanNode {
  const byPath = new Map(children.map((child) => [child.path, child]));
  const members = [...field.members].flatMap(([name, { path }]) => {
    const child = byPath.get(path);
    return child === undefined ? [] : [[name, child] as const];
  });
  return {
    path: field.path,
    action: demand?.action,
    by: demand?.by ?? "contract",
    own: undefined,
    check: field.check,
    screens: screensFor(field, demand?.action, screens),
    members: Object.fromEntries(members),
    elements: field.elements === undefined ? undefined : byPath.get(field.elements.path),
  };
}

const isDropped = ({ action }: PlanNode): boolean => action?.action === "drop";

/** A container of which nothing would leave is dropped: not even how many elements it has is seen. */
const droppedAs = (children: readonly PlanNode[]): Demand => ({
  action: DROP,
  by: joinRules(children.map(({ by }) => by)),
});

/** What lies in a container that is dropped or replaced stays here, by its own rule where that drops it too. */
function dropped(child: PlanNode, by: string): PlanNode {
  const rule = isDropped(child) ? child.by : by;
  const members = Object.entries(child.members).map(([name, each]) => [name, dropped(each, rule)] as const);
  const elements = child.elements === undefined ? undefined : dropped(child.elements, rule);
  const screens = denying(child.screens);
  return { ...child, action: DROP, by: rule, screens, members: Object.fromEntries(members), elements };
}
