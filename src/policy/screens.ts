import { type ActionName, type FieldAction, STRICTNESS } from "../kernel/action.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { ContractField } from "../kernel/contract.ts";
import type { JsonNode } from "../kernel/json.ts";
import { SCREEN_OUTCOMES, type Screen, type ScreenOutcome } from "../kernel/screen.ts";
import { ACTIONS } from "./actions.ts";
import { hasFinding } from "./detectors/detectors.ts";
import { isLeaf } from "./field-tree.ts";
import { PathIndex } from "./path-index.ts";
import type { Ruling } from "./rulings.ts";

export type ScreenIndex = PathIndex<Screen>;

/** The screens of all rulings, by the paths that they name. */
export function screenIndex(rulings: readonly Ruling[]): ScreenIndex {
  const index: ScreenIndex = new PathIndex();
  for (const { by, rules } of rulings) {
    for (const { path, ...screen } of rules.screens ?? []) index.add(path, normalScreen({ ...screen, by }));
  }
  return index;
}

/** One spelling for screens that look for the same. */
export const normalScreen = ({ by, detectors, words, except, outcome }: Screen): Screen => ({
  by,
  detectors: sorted(detectors),
  words: sorted(words),
  except: sorted(except),
  outcome,
});

const sorted = <Text extends string>(texts: readonly Text[]): Text[] => [...new Set(texts)].sort();

/** Each once, in an order that does not depend on who demanded it first. */
export function distinctScreens(screens: readonly Screen[]): readonly Screen[] {
  const texts = screens.map((screen) => [canonicalJson({ ...screen }), screen] as const);
  return [...new Map(texts.toSorted(([one], [other]) => (one < other ? -1 : 1)))].map(([, screen]) => screen);
}

/** A screen for something inside a value that leaves whole looks into the whole. What could change nothing is left out. */
export function screensFor(
  field: ContractField,
  action: FieldAction | undefined,
  index: ScreenIndex,
): readonly Screen[] {
  const inside = isLeaf(field) ? index.inside(field.path) : [];
  const screens = distinctScreens([...index.on(field.path), ...inside]);
  if (action === undefined) return screens;
  return screens.filter(({ outcome }) => isStricter(outcome, action.action));
}

/** Does a finding change what an action does? Of what says nothing of the value only a denial does. */
export const isStricter = (outcome: ScreenOutcome, action: ActionName): boolean =>
  outcome === "deny" || (ACTIONS[action].reads && rankOfAction(outcome) > rankOfAction(action));

const rankOfAction = (name: ActionName): number => STRICTNESS.findIndex((names) => names.includes(name));

/** Nothing of the value leaves: but a record that was denied must not leave because a rule took the finding away. */
export const denying = (screens: readonly Screen[]): readonly Screen[] =>
  screens.filter(({ outcome }) => outcome === "deny");

/** The strictest of the screens that find something in any of the texts; undefined: none does. */
export function strictestFinding(screens: readonly Screen[], texts: readonly string[]): Screen | undefined {
  let strictest: Screen | undefined;
  for (const screen of screens) {
    const outranks = strictest === undefined || rankOf(screen) > rankOf(strictest);
    if (outranks && texts.some((text) => hasFinding(text, screen))) strictest = screen;
  }
  return strictest;
}

const rankOf = ({ outcome }: Screen): number => SCREEN_OUTCOMES.indexOf(outcome);

/** Every text that a value shows: strings, numbers, names of members. */
export function textsIn(node: JsonNode): string[] {
  const texts: string[] = [];
  const open: JsonNode[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === "string") texts.push(next.value);
    else if (next.kind === "number") texts.push(next.raw);
    else if (next.kind === "array") for (const item of next.items) open.push(item);
    else if (next.kind === "object")
      for (const [name, { value }] of next.members) {
        texts.push(name);
        open.push(value);
      }
  }
  return texts;
}
