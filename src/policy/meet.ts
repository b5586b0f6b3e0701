import { type ActionName, type FieldAction, STRICTNESS } from "../kernel/action.ts";
import { actionText, compose, normalAction } from "./compose.ts";

/** What a rule demands of a field. */
export interface Demand {
  readonly action: FieldAction;
  /** `contract`, `agreement`, `clearance` or `bundle/module`. */
  readonly by: string;
}

/** Action → its place in the order of strictness, from 0. */
const RANKS: ReadonlyMap<ActionName, number> = new Map(
  STRICTNESS.flatMap((names, rank) => names.map((name) => [name, rank] as const)),
);

/** Is the first action below the second in the order of strictness? */
export const isWeaker = (one: FieldAction, other: FieldAction): boolean =>
  (RANKS.get(one.action) ?? 0) < (RANKS.get(other.action) ?? 0);

/** Rules of our own that, where they alone demand the outcome, are named alone: the nearest to the contract first. */
const OWN_RULES = ["contract", "agreement", "clearance"] as const;

/** Where no rule demands anything, nothing leaves. */
const NO_DEMAND: Demand = { action: { action: "drop" }, by: "contract" };

/**
 * The one action that lets through no more than any of the demands: the composition of the strictest. Demands of one rank that
 * contradict each other make it `drop`, also where a stricter demand stands beside them, or else a demand more could turn a
 * `drop` into something that leaves. The order of the demands makes no difference, nor does saying one twice.
 */
export function meetActions(demands: readonly Demand[]): Demand {
  const ranks = Map.groupBy(demands, ({ action }) => RANKS.get(action.action) ?? STRICTNESS.length);
  const composed = [...ranks.values()].map(meetOfRank);
  const conflicts =
    ranks.size === 0 ? [] : composed.flatMap(({ action, among }) => (action === undefined ? among : []));
  if (conflicts.length > 0)
    return { action: { action: "drop" }, by: joinRules(conflicts.map(({ by }) => by)) };
  const strictest = Math.max(...ranks.keys());
  const rank = ranks.get(strictest);
  const action = rank === undefined ? undefined : meetOfRank(rank).action;
  return rank === undefined || action === undefined ? NO_DEMAND : { action, by: rulesBehind(action, rank) };
}

function meetOfRank(among: readonly Demand[]): {
  readonly action: FieldAction | undefined;
  readonly among: readonly Demand[];
} {
  const distinct = new Map(among.map(({ action }) => [actionText(action), normalAction(action)]));
  const actions = [...distinct].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, action]) => action);
  const kinds = new Set(actions.map(({ action }) => action));
  return { action: kinds.size === 1 ? compose(actions) : undefined, among };
}

/** Who demands just this; where it is a composition that nobody demands alone, all that it is composed of. */
function rulesBehind(action: FieldAction, rank: readonly Demand[]): string {
  const text = actionText(action);
  const same = rank.filter((each) => actionText(each.action) === text).map(({ by }) => by);
  const own = OWN_RULES.find((rule) => same.includes(rule));
  return own ?? joinRules(same.length > 0 ? same : rank.map(({ by }) => by));
}

/** The same text for the same rules, in whatever order and number. */
export const joinRules = (rules: readonly string[]): string =>
  [...new Set(rules.flatMap((rule) => rule.split(", ")))].sort().join(", ");
