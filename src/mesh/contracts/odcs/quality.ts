import {
  AUTHORITATIVE_DEFINITIONS,
  CUSTOM_PROPERTIES,
  choose,
  closed,
  list,
  NUMBER,
  STABLE_ID,
  TEXT,
  TEXTS,
} from "./pieces.ts";

const RANGE = { type: "array", items: NUMBER, minItems: 2, maxItems: 2, uniqueItems: true };

/** What a measured figure is compared with; a check has one of these. */
const OPERATORS: Readonly<Record<string, object>> = {
  mustBe: {},
  mustNotBe: {},
  mustBeGreaterThan: NUMBER,
  mustBeGreaterOrEqualTo: NUMBER,
  mustBeLessThan: NUMBER,
  mustBeLessOrEqualTo: NUMBER,
  mustBeBetween: RANGE,
  mustNotBeBetween: RANGE,
};

const EVERY_CHECK = {
  id: STABLE_ID,
  name: TEXT,
  description: TEXT,
  type: { enum: ["text", "library", "sql", "custom"] },
  dimension: {
    enum: ["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"],
  },
  method: TEXT,
  schedule: TEXT,
  scheduler: TEXT,
  severity: TEXT,
  businessImpact: TEXT,
  unit: TEXT,
  tags: TEXTS,
  authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
  customProperties: CUSTOM_PROPERTIES,
};

/** `rule` was the metric's name in 3.0. */
const LIBRARY = {
  metric: { enum: ["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"] },
  rule: TEXT,
  arguments: { type: "object" },
};

const ONE_OPERATOR = { oneOf: Object.keys(OPERATORS).map((name) => ({ required: [name] })) };
const NAMES_METRIC = { anyOf: [{ required: ["metric"] }, { required: ["rule"] }] };

const isOfType = (type: string): object => ({ properties: { type: { const: type } }, required: ["type"] });

/** Kinds of check: when it is one, which members it has besides those of every check, and what must hold of them. */
const KINDS = [
  {
    when: { anyOf: [isOfType("library"), { not: { required: ["type"] }, required: ["metric"] }] },
    members: { ...LIBRARY, ...OPERATORS },
    holds: [NAMES_METRIC, ONE_OPERATOR],
  },
  {
    when: isOfType("sql"),
    members: { query: TEXT, ...OPERATORS },
    holds: [{ required: ["query"] }, ONE_OPERATOR],
  },
  {
    when: isOfType("custom"),
    members: { engine: TEXT, implementation: { type: ["string", "object"] } },
    holds: [{ required: ["engine", "implementation"] }],
  },
  { when: isOfType("text"), members: {}, holds: [{}] },
] as const;

/** A check without type and metric says what it says in words. */
function check(): object {
  return KINDS.reduceRight<object>(
    (otherwise, { when, members, holds }) =>
      choose(when, { ...closed({ ...EVERY_CHECK, ...members }), allOf: holds }, otherwise),
    closed(EVERY_CHECK),
  );
}

export const QUALITY = list({ type: "object", ...check() });
