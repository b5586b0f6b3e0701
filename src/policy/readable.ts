import type { FieldAction } from "../kernel/action.ts";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { Json, JsonMembers } from "../kernel/json.ts";
import type { Leaving } from "./leaving.ts";
import type { Comparison } from "./narrower.ts";
import type { Verdict } from "./plan-change.ts";

/** What a subscriber sees of one field, before and after. */
export interface Reading {
  readonly old: Side;
  readonly next: Side;
}

interface Side extends Leaving {
  /** Undefined: a container that lives by its fields. */
  readonly action: FieldAction | undefined;
}

/** What a change is to who reads the old values, by the direction of what leaves. */
export const VERDICT_OF: Readonly<Record<Comparison | "neutral", Verdict>> = {
  widened: "widening",
  changed: "neutral",
  narrowed: "narrowing",
  same: "neutral",
  neutral: "neutral",
};

/** Breaking: a member is gone or may be, a value may have another form, or it means something else. */
export function isReadableAs({ old, next }: Reading, direction: Comparison): Verdict {
  if (old.shapes.length === 0) return VERDICT_OF[direction];
  const isThere = next.shapes.length > 0 && (next.always || !old.always);
  const fits = next.shapes.every((shape) => old.shapes.some((known) => isWithin(shape, known)));
  return isThere && fits && meaningOf(old) === meaningOf(next) ? VERDICT_OF[direction] : "breaking";
}

/** Actions that leave a value what it is, if less exact. Of all others the parameters are a part of what it means. */
const SAME_MEANING: ReadonlySet<string> = new Set(["share", "round", "truncate-date", "coarsen-geo"]);

const meaningOf = ({ action }: Side): string =>
  action === undefined || SAME_MEANING.has(action.action) ? "itself" : canonicalJson({ ...action });

/** Keyword → is the new one at least as tight? Keywords that are not here say nothing to a reader. */
const TIGHTER: Readonly<Record<string, (shape: JsonMembers, bound: Json, keyword: string) => boolean>> = {
  type: ({ type }, known) => type === known || (type === "integer" && known === "number"),
  minimum: isAtLeast,
  exclusiveMinimum: isAtLeast,
  minLength: isAtLeast,
  minItems: isAtLeast,
  maximum: isAtMost,
  exclusiveMaximum: isAtMost,
  maxLength: isAtMost,
  maxItems: isAtMost,
  enum: (shape, known) => valuesOf(shape)?.every((value) => isOneOf(value, known)) === true,
  const: (shape, known) => valuesOf(shape)?.every((value) => isOneOf(value, [known])) === true,
  required: ({ required }, known) => namesIn(known).every((name) => namesIn(required).includes(name)),
  pattern: isAlike,
  format: isAlike,
  items: isAlike,
  properties: isAlike,
  additionalProperties: isAlike,
};

/** Does the old schema accept all that the new one does? In doubt not. */
const isWithin = (shape: JsonMembers, known: JsonMembers): boolean =>
  Object.entries(known).every(([keyword, bound]) => TIGHTER[keyword]?.(shape, bound, keyword) ?? true);

function isAtLeast(shape: JsonMembers, bound: Json, keyword: string): boolean {
  const own = shape[keyword];
  return typeof own === "number" && typeof bound === "number" && own >= bound;
}

function isAtMost(shape: JsonMembers, bound: Json, keyword: string): boolean {
  const own = shape[keyword];
  return typeof own === "number" && typeof bound === "number" && own <= bound;
}

function isAlike(shape: JsonMembers, bound: Json, keyword: string): boolean {
  const own = shape[keyword];
  return own !== undefined && canonicalJson(own) === canonicalJson(bound);
}

const namesIn = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

function valuesOf({ enum: allowed, const: constant }: JsonMembers): readonly Json[] | undefined {
  if (constant !== undefined) return [constant];
  return Array.isArray(allowed) ? allowed : undefined;
}

const isOneOf = (value: Json, known: Json): boolean =>
  Array.isArray(known) && known.some((each) => canonicalJson(each) === canonicalJson(value));
