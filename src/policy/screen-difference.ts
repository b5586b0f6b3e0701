import type { FieldAction } from "../kernel/action.ts";
import { SCREEN_OUTCOMES, type Screen } from "../kernel/screen.ts";
import { type Comparison, compared } from "./narrower.ts";
import { isStricter } from "./screens.ts";

/** Screens, and the action of the value that they look into; undefined: it is no value that lives by an action. */
interface Screened {
  readonly screens: readonly Screen[];
  readonly action: FieldAction | undefined;
}

/**
 * Which of two finds more, and does more about it. A screen of the other that would change nothing beside its own action is not
 * missed: plans leave such screens out.
 */
export const compareScreens = (old: Screened, next: Screened): Comparison =>
  compared(old, next, (one, other) =>
    other.screens
      .filter(({ outcome }) => one.action === undefined || isStricter(outcome, one.action.action))
      .every((screen) => one.screens.some((each) => covers(each, screen))),
  );

/** Does it find all that the other finds, and nothing milder come of it? */
const covers = (one: Screen, other: Screen): boolean =>
  includesAll(one.detectors, other.detectors) &&
  includesAll(one.words, other.words) &&
  includesAll(other.except, one.except) &&
  SCREEN_OUTCOMES.indexOf(one.outcome) >= SCREEN_OUTCOMES.indexOf(other.outcome);

const includesAll = <Text>(all: readonly Text[], some: readonly Text[]): boolean =>
  some.every((each) => all.includes(each));

/** What is looked for, in short words. Words are told by their number: they can be secret. */
export const screensText = (screens: readonly Screen[]): string =>
  screens.length === 0 ? "nothing is looked for" : screens.map(screenText).join("; ");

function screenText({ detectors, words, except, outcome }: Screen): string {
  const counted = [
    ...detectors,
    ...(words.length > 0 ? [`${words.length} words`] : []),
    ...(except.length > 0 ? [`but ${except.length}`] : []),
  ];
  return `${counted.join(", ")}: ${outcome}`;
}
