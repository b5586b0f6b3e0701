import type { ActionName, FieldAction } from "../kernel/action.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { JsonType, ValueCheck } from "../kernel/contract.ts";
import type { JsonMembers } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import { PSEUDONYM_LENGTH } from "./actions.ts";
import { checkedShape, possibleTypes } from "./checked-shape.ts";
import { compareDecimals, type Decimal, decimalOf } from "./decimal.ts";
import { roundedShape } from "./rounded-shape.ts";
import { isStricter } from "./screens.ts";
import { maskPattern, spanPattern } from "./text-patterns.ts";

/** All that may leave by one rule. */
export interface Leaving {
  /** JSON Schemas (2020-12) of which each value that leaves keeps one; none: nothing leaves. */
  readonly shapes: readonly JsonMembers[];
  /** Whatever value stands there: does something leave, unless the record is denied? */
  readonly always: boolean;
}

export const NEVER: Leaving = { shapes: [], always: false };
export const NULL_SHAPE: JsonMembers = { type: "null" };

const one = (shape: JsonMembers, always = true): Leaving => ({ shapes: [shape], always });

/** Many ways in which a value may stand, and so leave: each shape once. */
export function union(all: readonly Leaving[]): Leaving {
  const shapes = new Map(all.flatMap((each) => each.shapes.map((shape) => [canonicalJson(shape), shape])));
  return { shapes: [...shapes.values()], always: all.every(({ always }) => always) };
}

/** What may leave of a value that lives by an action, as `ruleValue` decides it: by its types, its check, its screens. */
export function leavingOf(rule: PlanNode): Leaving {
  const { action, check } = rule;
  if (action === undefined) return NEVER;
  const fixed = fixedLeaving(action);
  return (
    fixed ?? union(possibleTypes(check).map((type) => screened(type, ofType(type, action, check), rule)))
  );
}

/** What does not depend on the value. */
function fixedLeaving(action: FieldAction): Leaving | undefined {
  if (action.action === "drop") return NEVER;
  if (action.action === "null") return one(NULL_SHAPE);
  return action.action === "constant" ? one({ const: action.value }) : undefined;
}

const ofType = (type: JsonType, action: FieldAction, check: ValueCheck): Leaving => {
  const row: Shaping<FieldAction> = SHAPINGS[action.action];
  return isUnexpected(type, check) ? NEVER : row.of(type, action, check);
};

const isContainer = (type: JsonType): boolean => type === "object" || type === "array";

/** A container leaves whole only where the schema says that one stands there. */
const isUnexpected = (type: JsonType, { types }: ValueCheck): boolean =>
  isContainer(type) && types === undefined;

interface Shaping<Action> {
  /** What the action makes of the values of a type that keep the check. */
  of(type: JsonType, action: Action, check: ValueCheck): Leaving;
}

/** Action → what it makes of a type; as `ACTIONS` does it. */
const SHAPINGS: { readonly [Name in ActionName]: Shaping<Extract<FieldAction, { readonly action: Name }>> } =
  {
    share: { of: (type, _action, check) => one(checkedShape(type, check)) },
    round: {
      of: (type, { multiple, mode }, check) => {
        const step = decimalOf(String(multiple));
        if (!isNumber(type) || step === undefined) return NEVER;
        return one(roundedShape(check, step, mode), isComputable(check));
      },
    },
    band: { of: (type, { edges }, check) => (isNumber(type) ? banded(edges, check) : NEVER) },
    "truncate-date": {
      of: (type, { to }, { format }) => {
        if (type !== "string") return NEVER;
        const isDate = format === "date" || format === "date-time";
        return one({ type, ...(isDate && { format }), pattern: spanPattern(to) }, isDate);
      },
    },
    "coarsen-geo": {
      of: (type, { decimals }, check) =>
        isNumber(type)
          ? one(roundedShape(check, { units: 1n, scale: decimals }, "half-even"), isComputable(check))
          : NEVER,
    },
    prefix: {
      of: (type, { length }, { minLength = 0 }) => {
        if (type !== "string") return NEVER;
        const first = one({ type, minLength: length, maxLength: length });
        return minLength >= length ? first : union([first, one(NULL_SHAPE)]);
      },
    },
    mask: {
      of: (type, action, { minLength, maxLength }) =>
        type === "string"
          ? one({
              type,
              ...(minLength !== undefined && { minLength }),
              ...(maxLength !== undefined && { maxLength }),
              pattern: maskPattern(action),
            })
          : NEVER,
    },
    // A plan for a partner without a key to encrypt for drops the field instead.
    encrypt: { of: () => one({ type: "string", pattern: COMPACT_JWE }) },
    pseudonymize: {
      of: (type, { length = PSEUDONYM_LENGTH }, check) => {
        if (type === "string") return one(pseudonymShape(length));
        return isNumber(type) ? one(pseudonymShape(length), isComputable(check)) : NEVER;
      },
    },
    constant: { of: (_type, { value }) => one({ const: value }) },
    null: { of: () => one(NULL_SHAPE) },
    drop: { of: () => NEVER },
  };

const isNumber = (type: JsonType): boolean => type === "number" || type === "integer";

/** RFC 7516 §7.1: five parts of base64url; the encrypted key may be empty. */
const COMPACT_JWE = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$";

/** Base64url of 256 bits has 43 characters, so no pseudonym has more. */
const pseudonymShape = (length: number): JsonMembers => ({
  type: "string",
  pattern: `^[A-Za-z0-9_-]{${Math.min(length, 43)}}$`,
});

/** Number keywords, and `enum`: a number that keeps one has no more digits than arithmetic takes. */
const MEASURES = [
  "enum",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
] as const satisfies readonly (keyof ValueCheck)[];

const isComputable = (check: ValueCheck): boolean => MEASURES.some((keyword) => check[keyword] !== undefined);

/** The edges, and null below the lowest, where a value can be there. */
function banded(edges: readonly number[], check: ValueCheck): Leaving {
  const lowest = decimalOf(String(Math.min(...edges)));
  if (edges.some((edge) => decimalOf(String(edge)) === undefined) || lowest === undefined) return NEVER;
  const least = [check.minimum, check.exclusiveMinimum].flatMap((each): readonly Decimal[] => {
    const bound = each === undefined ? undefined : decimalOf(String(each));
    return bound === undefined ? [] : [bound];
  });
  const edge = one({ type: "number", enum: [...new Set(edges)] }, isComputable(check));
  const isAbove = least.some((bound) => compareDecimals(bound, lowest) >= 0);
  return isAbove ? edge : union([edge, one(NULL_SHAPE)]);
}

/** A finding makes another value of it, where that is stricter than its own action; there is nothing to find in a literal. */
function screened(type: JsonType, plain: Leaving, { action, check, screens }: PlanNode): Leaving {
  if (type === "null" || type === "boolean" || plain.shapes.length === 0) return plain;
  const outcomes = new Set(screens.map(({ outcome }) => outcome));
  const found = [...outcomes].flatMap((outcome): readonly Leaving[] => {
    if (outcome === "deny" || action === undefined || !isStricter(outcome, action.action)) return [];
    return [fixedLeaving({ action: outcome }) ?? ofType(type, { action: outcome }, check)];
  });
  return union([plain, ...found]);
}

/** One schema for a value that keeps one of the shapes. `false`: there is none. */
export function anyOf(shapes: readonly JsonMembers[]): JsonMembers | false {
  const [first, second, ...others] = shapes.toSorted((a, b) => Number(isNull(a)) - Number(isNull(b)));
  if (first === undefined) return false;
  if (second === undefined) return first;
  const { type, enum: allowed } = first;
  const isPlain = typeof type === "string" && allowed === undefined && others.length === 0;
  return isPlain && isNull(second) ? { ...first, type: [type, "null"] } : { anyOf: shapes };
}

const isNull = (shape: JsonMembers): boolean => shape.type === "null";
