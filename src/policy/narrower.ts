import type { FieldAction } from "../kernel/action.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { ValueCheck } from "../kernel/contract.ts";
import { ACTIONS, PSEUDONYM_LENGTH } from "./actions.ts";
import { normalAction } from "./compose.ts";
import { meetActions } from "./meet.ts";
import { kindsOf } from "./settle.ts";

/** How much one thing lets through beside another. `changed`: neither can be said to let through no more. */
export type Comparison = "same" | "widened" | "changed" | "narrowed";

/** `isNoWider(a, b)`: a lets through no more than b. */
export function compared<Value>(
  old: Value,
  next: Value,
  isNoWider: (one: Value, other: Value) => boolean,
): Comparison {
  const [noMore, noLess] = [isNoWider(next, old), isNoWider(old, next)];
  if (noMore) return noLess ? "same" : "narrowed";
  return noLess ? "widened" : "changed";
}

/**
 * Does `next` let through no more of a field than `old`? Just when demanding both comes to `next`: by the order of strictness that
 * rules meet in. `check` is the field's under `next`.
 */
export function isNarrower(next: FieldAction, old: FieldAction, check: ValueCheck): boolean {
  if (spelled(next) === spelled(old)) return true;
  const demands = [old, next].map((action) => ({ action, by: "contract" }));
  return spelled(meetActions(demands).action) === spelled(next) && takesNoMore(next, old, check);
}

/** One spelling for actions that do the same, with defaults written out. */
const spelled = (action: FieldAction): string =>
  canonicalJson(
    action.action === "pseudonymize" ? { length: PSEUDONYM_LENGTH, ...action } : normalAction(action),
  );

/** An action drops what it does not take: a stricter one that takes more would let that through. */
function takesNoMore(next: FieldAction, old: FieldAction, { types, format = "" }: ValueCheck): boolean {
  const [after, before] = [ACTIONS[next.action], ACTIONS[old.action]];
  if (!after.reads || !before.reads) return true;
  const kinds = kindsOf(types).filter((kind) => after.takes.includes(kind));
  const isOfFormat =
    next.action === old.action || before.formats === undefined || before.formats.includes(format);
  return isOfFormat && kinds.every((kind) => before.takes.includes(kind));
}
