import { type ActionName, type FieldAction, STRICTNESS } from "../kernel/action.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Category, Classification, ContractField } from "../kernel/contract.ts";
import type { ScreenOutcome } from "../kernel/screen.ts";
import { changeOf, placeOf } from "./explain-change.ts";
import {
  type Comparison,
  demandOf,
  type Place,
  type RulePlaces,
  type RuleSource,
  usePlaces,
} from "./explain-sources.ts";
import { fate, inBrief, inWords, screenInWords } from "./explain-words.ts";
import { nodeAt } from "./node-at.ts";

/** What becomes of one field, or of one part of what stands around the data. */
export interface ExplainedField {
  /** Path in the contract, or `key`, `timestamp`, `headers/NAME`, `attributes/NAME`. */
  readonly path: string;
  /** `stays`: it is not there at the partner. A container leaves as far as its fields do. */
  readonly effect: "leaves" | "changed" | "stays";
  readonly action: ActionName;
  /** The action in words, with its parameters. */
  readonly detail: string;
  /** The same in a few characters. */
  readonly brief: string;
  /** Which rules say so. */
  readonly by: string;
  /** Where these rules stand. */
  readonly where: readonly Place[];
  /** Undefined for what is no field. */
  readonly classification: Classification | undefined;
  readonly categories: readonly Category[];
  /** Where the contract lists the field. */
  readonly declared: Place | undefined;
  /** Every rule that takes something away here, those that decide first, then the strictest. */
  readonly rules: readonly RuleBehind[];
  readonly screens: readonly ExplainedScreen[];
  /** Whose pseudonyms join with these: those of the same epoch and domain. */
  readonly pseudonym: { readonly epoch: number; readonly domain: string } | undefined;
  /** What is no rule's will. */
  readonly remark: string | undefined;
}

export interface RuleBehind {
  readonly by: string;
  readonly where: Place | undefined;
  /** Is it one that the outcome is named after? */
  readonly decides: boolean;
  /** What it would do if it were the only one, in words. */
  readonly demands: string;
  /** How to take it back. */
  readonly change: string;
  /** What becomes of the field if that alone is done. */
  readonly afterwards: string;
}

export interface ExplainedScreen {
  readonly by: string;
  readonly where: readonly Place[];
  readonly detail: string;
  readonly outcome: ScreenOutcome;
}

const SHARE: FieldAction = { action: "share" };

/** The field's outcome, all that stands behind it, and what it would take to change it. */
export function explainField(field: ContractField, comparison: Comparison): ExplainedField {
  const { plan, sources, places, input } = comparison;
  const { path, classification, categories, declared } = field;
  const { action = SHARE, by, screens } = nodeAt(plan.root, path);
  const behind = sources.filter((source) => demandOf(source, path) !== undefined);
  const deciding = decidersOf(by, action, behind, path);
  const rules = behind
    .toSorted((one, other) => weight(other, deciding, path) - weight(one, deciding, path))
    .map((source) => ruleBehind(source, field, action, deciding.includes(source), places, comparison));
  return {
    path,
    effect: effectOf(action),
    action: action.action,
    detail: inWords(action),
    brief: inBrief(action),
    by,
    where: deciding.length > 0 ? placesOf(deciding, field, comparison) : [declared],
    classification,
    categories,
    declared,
    rules,
    screens: screens.map((screen) => ({
      by: screen.by,
      where: usePlaces(screen.by, input.bundles),
      detail: screenInWords(screen),
      outcome: screen.outcome,
    })),
    pseudonym:
      action.action === "pseudonymize"
        ? { epoch: plan.pseudonymEpoch, domain: action.domain ?? path }
        : undefined,
    remark: REMARKS.get(by) ?? (rules.length === 0 && action.action === "drop" ? WITH_ITS_FIELDS : undefined),
  };
}

/** What is no rule's will, by the name that the plan gives it. */
const REMARKS: ReadonlyMap<string, string> = new Map([
  [
    "type",
    "The action does not take values of the field's type: give the field a type and a format in the wire schema, or another action in the contract.",
  ],
  [
    "encrypt",
    "The partner's card has no key to encrypt for: ask for a card with a key of `use: enc`, and apply it.",
  ],
]);

/** Several rules drop all that is in it, and none of them alone. */
const WITH_ITS_FIELDS = "Nothing in it leaves: it is there as soon as one of its fields is.";

export const effectOf = ({ action }: FieldAction): ExplainedField["effect"] =>
  action === "share" ? "leaves" : action === "drop" ? "stays" : "changed";

/** Of the sources that the plan names those that demand just what is done; a composition has all that it is made of. */
function decidersOf(
  by: string,
  action: FieldAction,
  behind: readonly RuleSource[],
  path: string,
): readonly RuleSource[] {
  const names = by.split(", ");
  const named = behind.filter((source) => names.includes(source.by));
  const text = canonicalJson({ ...action });
  const exact = named.filter((source) => canonicalJson({ ...(demandOf(source, path) ?? SHARE) }) === text);
  return exact.length > 0 ? exact : named;
}

function weight(source: RuleSource, deciding: readonly RuleSource[], path: string): number {
  const name = demandOf(source, path)?.action ?? "share";
  const rank = STRICTNESS.findIndex((names) => names.includes(name));
  return rank + (deciding.includes(source) ? STRICTNESS.length : 0);
}

function ruleBehind(
  source: RuleSource,
  field: ContractField,
  now: FieldAction,
  decides: boolean,
  places: RulePlaces,
  { input }: Comparison,
): RuleBehind {
  const demand = demandOf(source, field.path) ?? SHARE;
  const { action = SHARE, by } = nodeAt(source.without().root, field.path);
  const same = canonicalJson({ ...action }) === canonicalJson({ ...now });
  const clause = `${fate(action)}${action.action === "share" ? "" : `, by ${by}`}`;
  const { root } = input.contract;
  const where = placeOf(source, field, places, root);
  return {
    by: source.by,
    where,
    decides,
    demands: inWords(demand),
    change: changeOf(source, field, where, root),
    afterwards: same ? `That alone changes nothing: ${clause}.` : `Then ${clause}.`,
  };
}

const placesOf = (
  deciding: readonly RuleSource[],
  field: ContractField,
  { places, input }: Comparison,
): readonly Place[] =>
  deciding.flatMap((source) => placeOf(source, field, places, input.contract.root) ?? []);
