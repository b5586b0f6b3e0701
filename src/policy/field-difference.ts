import type { FieldAction } from "../kernel/action.ts";
import type { JsonMembers } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import { ACTIONS } from "./actions.ts";
import { checkChanges } from "./check-difference.ts";
import { type Comparison, compared, isNarrower } from "./narrower.ts";
import { leavingFrom } from "./partner-schema.ts";
import type { PlanChange, Said } from "./plan-change.ts";
import { isReadableAs, type Reading } from "./readable.ts";
import { compareScreens, screensText } from "./screen-difference.ts";

/** Where a value stands in both plans. */
interface Place {
  readonly path: string;
  /** Undefined: the plan has no rule for it, so it stays. */
  readonly old: PlanNode | undefined;
  readonly next: PlanNode | undefined;
  /** Must it be there, by the plans' checks? */
  readonly asked: { readonly old: boolean; readonly next: boolean };
}

const ALWAYS = { old: true, next: true };

/** Every field of which the two trees do not say the same; of a container that one of them takes or leaves whole, only that. */
export const fieldChanges = (old: PlanNode, next: PlanNode): readonly PlanChange[] =>
  changesAt({ path: "", old, next, asked: ALWAYS });

function changesAt(place: Place): readonly PlanChange[] {
  const { old, next } = place;
  const changes = actionChange(place);
  if (old === undefined || next === undefined) return changes;
  const reading = readingOf(place);
  const screened = [...changes, ...screenChange(place, old, next, reading)];
  if (!isRead(old) || !isRead(next)) return screened;
  const checked = [...screened, ...checkChanges(place.path, old, next, reading)];
  return livesByChildren(old) && livesByChildren(next) ? [...checked, ...below(old, next)] : checked;
}

const livesByChildren = (node: PlanNode | undefined): boolean =>
  node !== undefined && node.action === undefined;
const isRead = ({ action }: PlanNode): boolean => action === undefined || ACTIONS[action.action].reads;

const DROP: FieldAction = { action: "drop" };
const actionOf = (node: PlanNode | undefined): FieldAction | undefined =>
  node === undefined ? DROP : node.action;

function actionChange(place: Place): readonly PlanChange[] {
  const { path, old, next } = place;
  const direction = compareActions(old, next);
  if (direction === "same") return [];
  const verdict = isReadableAs(readingOf(place), direction);
  return [{ place: path, aspect: "action", direction, verdict, before: saidOf(old), after: saidOf(next) }];
}

const compareActions = (old: PlanNode | undefined, next: PlanNode | undefined): Comparison =>
  compared(old, next, (one, other) => {
    const [mine, theirs] = [actionOf(one), actionOf(other)];
    // A container's fields let through no more than the whole of it, and more than what says nothing of it.
    if (mine === undefined) return theirs === undefined || theirs.action === "share";
    if (theirs === undefined) return !ACTIONS[mine.action].reads;
    return isNarrower(mine, theirs, one?.check ?? {});
  });

const saidOf = (node: PlanNode | undefined): Said => {
  const action = actionOf(node);
  return { says: action === undefined ? "its fields" : actionWords(action), by: node?.by ?? "contract" };
};

/** The action's name and parameters. */
export const actionWords = ({ action, ...parameters }: FieldAction): string =>
  [action, ...Object.entries(parameters).map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(
    " ",
  );

function readingOf({ old, next, asked }: Place): Reading {
  const isOwnLevel = livesByChildren(old) && livesByChildren(next);
  const side = (node: PlanNode | undefined, isAsked: boolean) => {
    const { shapes, always } = node === undefined ? { shapes: [], always: false } : leavingFrom(node);
    const seen = isOwnLevel ? shapes.map(ownLevel) : shapes;
    return { shapes: seen, always: always && isAsked, action: actionOf(node) };
  };
  return { old: side(old, asked.old), next: side(next, asked.next) };
}

/** What is below a container has changes of its own. */
const ownLevel = ({
  properties: _1,
  items: _2,
  additionalProperties: _3,
  ...own
}: JsonMembers): JsonMembers => own;

function screenChange(
  { path }: Place,
  old: PlanNode,
  next: PlanNode,
  reading: Reading,
): readonly PlanChange[] {
  const direction = compareScreens(old, next);
  if (direction === "same") return [];
  const said = ({ screens }: PlanNode): Said => ({
    says: screensText(screens),
    by: screens.map(({ by }) => by).join(", ") || undefined,
  });
  const verdict = isReadableAs(reading, direction);
  return [{ place: path, aspect: "screens", direction, verdict, before: said(old), after: said(next) }];
}

function below(old: PlanNode, next: PlanNode): readonly PlanChange[] {
  const names = new Set([...Object.keys(old.members), ...Object.keys(next.members)]);
  const members = [...names].flatMap((name) => {
    const [before, after] = [memberOf(old, name), memberOf(next, name)];
    const asked = { old: isAsked(name, old), next: isAsked(name, next) };
    const path = [next, old].map(({ members: all }) => all[name]?.path).find((each) => each !== undefined);
    return changesAt({ path: path ?? "", old: before, next: after, asked });
  });
  const [before, after] = [old.elements, next.elements];
  if (before === undefined && after === undefined) return members;
  const path = after?.path ?? before?.path ?? "";
  return [...members, ...changesAt({ path, old: before, next: after, asked: ALWAYS })];
}

/** As the projection: the member's own rule, or the one for all values of a map. */
const memberOf = ({ members }: PlanNode, name: string): PlanNode | undefined =>
  Object.hasOwn(members, name) ? members[name] : Object.hasOwn(members, "*") ? members["*"] : undefined;

const isAsked = (name: string, { check }: PlanNode): boolean => check.required?.includes(name) === true;
