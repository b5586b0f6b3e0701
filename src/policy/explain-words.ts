import type { ActionName, FieldAction } from "../kernel/action.ts";
import type { AttributeOrigin } from "../kernel/contract.ts";
import type { Screen, ScreenOutcome } from "../kernel/screen.ts";
import { PSEUDONYM_LENGTH, shortestMasked } from "./actions.ts";

interface Wording<Action> {
  /** What it does, with all parameters. */
  say(action: Action): string;
  /** The same in a few characters, for a column. */
  brief(action: Action): string;
}

/** Action → what it does, in words. */
const WORDS: { readonly [Name in ActionName]: Wording<Extract<FieldAction, { readonly action: Name }>> } = {
  share: { say: () => "as it is", brief: () => "as it is" },
  round: {
    say: ({ multiple, mode }) => `rounded to multiples of ${multiple} (${mode})`,
    brief: ({ multiple }) => `round ${multiple}`,
  },
  band: {
    say: ({ edges }) => `the lower edge of its band: ${edges.join(", ")}`,
    brief: ({ edges }) => `band of ${edges.length}`,
  },
  "truncate-date": { say: ({ to }) => `the start of its ${to}`, brief: ({ to }) => `start of ${to}` },
  "coarsen-geo": {
    say: ({ decimals }) => `rounded to ${decimals} decimals`,
    brief: ({ decimals }) => `${decimals} decimals`,
  },
  prefix: {
    say: ({ length, shortest = length }) =>
      `the first ${length} characters${shortest > length ? `, null below ${shortest}` : ""}`,
    brief: ({ length }) => `first ${length}`,
  },
  mask: {
    say: (mask) =>
      `masked but for the first ${mask.keepFirst} and last ${mask.keepLast} characters, wholly below ${shortestMasked(mask)}`,
    brief: ({ keepFirst, keepLast }) => `mask ${keepFirst}…${keepLast}`,
  },
  encrypt: { say: ({ keyRole }) => `encrypted for ${keyRole}`, brief: () => "encrypted" },
  pseudonymize: {
    say: ({ domain, length = PSEUDONYM_LENGTH }) =>
      `a pseudonym of ${length} characters, domain ${domain ?? "of the field alone"}`,
    brief: () => "pseudonym",
  },
  constant: { say: ({ value }) => `always ${JSON.stringify(value)}`, brief: () => "constant" },
  null: { say: () => "always null", brief: () => "null" },
  drop: { say: () => "not there", brief: () => "not there" },
};

/** What an action does, with all its parameters. */
export function inWords(action: FieldAction): string {
  const wording: Wording<FieldAction> = WORDS[action.action];
  return wording.say(action);
}

/** The same in a few characters. */
export function inBrief(action: FieldAction): string {
  const wording: Wording<FieldAction> = WORDS[action.action];
  return wording.brief(action);
}

/** What becomes of a value under an action, as a clause that follows a name. */
export function fate(action: FieldAction): string {
  if (action.action === "share") return "it leaves as it is";
  return action.action === "drop" ? "it stays" : `it leaves as ${inWords(action)}`;
}

type Fixed = Exclude<AttributeOrigin["from"], "pointer" | "header">;

/** Origin → what the attribute holds, in full and in a few characters. */
const ORIGINS: Readonly<Record<Fixed, { readonly words: string; readonly brief: string }>> = {
  auto: { words: "made by the gateway; it says nothing of the record's place", brief: "made anew" },
  none: { words: "not there", brief: "not there" },
  event: { words: "the CloudEvent's own", brief: "the event's" },
  record: { words: "the record's timestamp as it leaves", brief: "as timestamp" },
};

/** What an attribute that comes from there holds. */
export function originInWords(origin: AttributeOrigin): string {
  if (origin.from === "pointer") return `the value at ${origin.pointer} as it leaves`;
  return origin.from === "header" ? `the header ${origin.name}` : ORIGINS[origin.from].words;
}

/** The same in a few characters. */
export function originInBrief(origin: AttributeOrigin): string {
  if (origin.from === "pointer") return `as ${origin.pointer}`;
  return origin.from === "header" ? `as headers/${origin.name}` : ORIGINS[origin.from].brief;
}

const FINDINGS: Readonly<Record<ScreenOutcome, string>> = {
  pseudonymize: "a value with one leaves as a pseudonym",
  null: "a value with one leaves as null",
  drop: "a value with one stays",
  deny: "a record with one stays whole",
};

/** What a screen looks for, and what comes of a finding. Its words are counted, not told: canaries are secret. */
export function screenInWords({ detectors, words, outcome }: Omit<Screen, "by" | "except">): string {
  const own = words.length === 1 ? "a word of its own" : `${words.length} words of its own`;
  const sought = [...detectors, ...(words.length === 0 ? [] : [own])];
  return `looks for ${sought.join(", ")}: ${FINDINGS[outcome]}`;
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** A span of time in the largest unit that measures it without rest. */
export function spanInWords(ms: number): string {
  const [name, length] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ["millisecond", 1];
  const count = ms / length;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
