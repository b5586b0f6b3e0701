import type { ActionName, DateUnit, FieldAction } from "../kernel/action.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import { PSEUDONYM_LENGTH, shortestMasked } from "./actions.ts";
import { decimalOf, decimalText, leastCommonMultiple } from "./decimal.ts";

interface Composition<Action> {
  /** Actions of one name, at least two and no two alike → one for all of them; undefined: they contradict each other. */
  compose(actions: readonly Action[]): Action | undefined;
}

/** Name → how actions of that name become one. What can't be told apart by its parameters never gets here. */
const COMPOSITIONS: {
  readonly [Name in ActionName]: Composition<Extract<FieldAction, { readonly action: Name }>>;
} = {
  share: { compose: (actions) => actions[0] },
  round: {
    compose: (actions) => {
      const mode = only(actions.map((each) => each.mode));
      const multiple = commonMultiple(actions.map((each) => each.multiple));
      return mode === undefined || multiple === undefined ? undefined : { action: "round", multiple, mode };
    },
  },
  band: {
    compose: (actions) => {
      const bands = actions.map(({ edges }) => new Set(edges)).sort((one, other) => one.size - other.size);
      const edges = nested(bands, (coarse, fine) => coarse.isSubsetOf(fine));
      return edges === undefined ? undefined : { action: "band", edges: sorted(edges) };
    },
  },
  "truncate-date": {
    compose: (actions) => {
      const to = coarsestUnit(actions.map((each) => each.to));
      return to === undefined ? undefined : { action: "truncate-date", to };
    },
  },
  "coarsen-geo": {
    compose: (actions) => ({ action: "coarsen-geo", decimals: least(actions.map((each) => each.decimals)) }),
  },
  prefix: {
    compose: (actions) => ({
      action: "prefix",
      length: least(actions.map((each) => each.length)),
      shortest: Math.max(...actions.map(({ length, shortest = length }) => shortest)),
    }),
  },
  mask: {
    compose: (actions) => {
      const filler = only(actions.map((each) => each.with));
      if (filler === undefined) return undefined;
      return {
        action: "mask",
        keepFirst: least(actions.map((each) => each.keepFirst)),
        keepLast: least(actions.map((each) => each.keepLast)),
        shortest: Math.max(...actions.map(shortestMasked)),
        with: filler,
      };
    },
  },
  encrypt: { compose: () => undefined },
  pseudonymize: {
    compose: (actions) => {
      const named = new Set(actions.flatMap(({ domain }) => domain ?? []));
      if (named.size > 1) return undefined;
      const length = least(actions.map((each) => each.length ?? PSEUDONYM_LENGTH));
      // The field's own domain joins with nothing: who names none must not be joined because another names one.
      const domain = only(actions.map((each) => each.domain));
      return { action: "pseudonymize", ...(domain === undefined ? {} : { domain }), length };
    },
  },
  constant: { compose: () => undefined },
  null: { compose: (actions) => actions[0] },
  drop: { compose: (actions) => actions[0] },
};

const least = (numbers: readonly number[]): number => Math.min(...numbers);

/** One action for actions of one name, with no two alike; undefined when they contradict each other. */
export function compose(actions: readonly FieldAction[]): FieldAction | undefined {
  const [first] = actions;
  if (first === undefined || actions.length === 1) return first;
  const row: Composition<FieldAction> = COMPOSITIONS[first.action];
  return row.compose(actions);
}

/** One spelling for what does the same: the edges of a band in their order, each once. */
export const normalAction = (action: FieldAction): FieldAction =>
  action.action === "band" ? { ...action, edges: sorted(new Set(action.edges)) } : action;

/** The same text for actions that do the same. */
export const actionText = (action: FieldAction): string => canonicalJson(normalAction(action));

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((one, other) => one - other);

/** The one value, if all are the same. */
function only<Value>(values: readonly Value[]): Value | undefined {
  return new Set(values).size === 1 ? values[0] : undefined;
}

/** Sorted from coarse to fine: the first, if each is nested in the next, so that any two are. */
function nested<Span>(
  spans: readonly Span[],
  isNested: (coarse: Span, fine: Span) => boolean,
): Span | undefined {
  const chain = spans.every((fine, index) => {
    const coarser = spans[index - 1];
    return coarser === undefined || isNested(coarser, fine);
  });
  return chain ? spans[0] : undefined;
}

/** From fine to coarse; each nests in the next. A week lies in no month, quarter or year. */
const NESTING: readonly DateUnit[] = ["minute", "hour", "day", "month", "quarter", "year"];
const IN_WEEK: readonly DateUnit[] = ["minute", "hour", "day", "iso-week"];

/** The coarsest of units that nest in each other; undefined when two don't. */
export function coarsestUnit(units: readonly DateUnit[]): DateUnit | undefined {
  if (!units.includes("iso-week")) return NESTING.findLast((unit) => units.includes(unit));
  return units.every((unit) => IN_WEEK.includes(unit)) ? "iso-week" : undefined;
}

/** So that a double holds the result exactly; one more multiple only makes it greater. */
const UNITS_MAX = 10n ** 15n;

function commonMultiple(multiples: readonly number[]): number | undefined {
  const exact = multiples.map((each) => decimalOf(String(each)));
  const positive = exact.filter((each) => each !== undefined && each.units > 0n);
  if (positive.length < exact.length) return undefined;
  const common = leastCommonMultiple(positive.filter((each) => each !== undefined));
  return common.units > UNITS_MAX ? undefined : Number(decimalText(common));
}
