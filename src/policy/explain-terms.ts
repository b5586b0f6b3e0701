import type { Json } from "../kernel/json.ts";
import type { PlanCondition, PolicyPlan } from "../kernel/plan.ts";
import type { Quota } from "../kernel/quota.ts";
import { type Comparison, type Place, usePlaces } from "./explain-sources.ts";
import { spanInWords } from "./explain-words.ts";

/** What holds for every record, besides its fields. */
export interface ExplainedTerm {
  readonly name: string;
  /** In words. */
  readonly detail: string;
  /** Which rules say so. */
  readonly by: string;
  readonly where: readonly Place[];
}

interface TermRow {
  readonly name: string;
  /** Who says so when no rule narrows it. */
  readonly own: string;
  /** The contract's property that says so, if one does. */
  readonly property?: string;
  /** What rules can narrow. */
  value(plan: PolicyPlan): unknown;
  say(plan: PolicyPlan): string;
}

const count = (value: number): string => value.toLocaleString("en-GB");
const limit = (name: string, member: keyof PolicyPlan["limits"], unit: string): TermRow => ({
  name,
  own: "contract",
  property: "mesh.limits",
  value: ({ limits }) => limits[member],
  say: ({ limits }) => `at most ${count(limits[member])} ${unit}`,
});

const TOMBSTONES: Readonly<Record<PolicyPlan["tombstones"], string>> = {
  pass: "deletions leave",
  scoped: "deletions leave where no need-to-know condition would have to be proven",
  deny: "no deletions leave",
};

/** Everything that a plan says of all records. */
const TERMS: readonly TermRow[] = [
  { name: "valid", own: "agreement", value: ({ validity }) => validity, say: validityInWords },
  limit("record size", "bytesMax", "bytes"),
  limit("record depth", "depthMax", "levels"),
  limit("array length", "arrayLengthMax", "elements"),
  { name: "record age", own: "contract", value: ({ age }) => age, say: ageInWords },
  { name: "quota", own: "agreement", value: ({ quota }) => quota, say: ({ quota }) => quotaInWords(quota) },
  {
    name: "tombstones",
    own: "contract",
    property: "mesh.tombstones",
    value: ({ tombstones }) => tombstones,
    say: ({ tombstones }) => TOMBSTONES[tombstones],
  },
  {
    name: "onward sharing",
    own: "contract",
    property: "mesh.onwardSharing",
    value: ({ onwardSharing }) => onwardSharing,
    say: ({ onwardSharing }) =>
      onwardSharing === "forbidden"
        ? "forbidden: every record is labelled so, and the partner's gateway does not publish it again"
        : "allowed: every record is labelled so",
  },
  {
    name: "encryption",
    own: "card",
    value: ({ recipient }) => recipient,
    say: ({ recipient }) =>
      recipient === undefined
        ? "the partner's card has no key for it: fields to be encrypted stay"
        : `for the key ${recipient.kid} of the partner's card`,
  },
  {
    name: "pseudonyms",
    own: "keys/pseudonym-epoch",
    value: ({ pseudonymEpoch }) => pseudonymEpoch,
    say: ({ pseudonymEpoch }) =>
      `of epoch ${pseudonymEpoch}; another epoch makes all pseudonyms new: partners can't join old and new`,
  },
];

function validityInWords({ validity: { from, until } }: PolicyPlan): string {
  const [start, end] = [
    from > 0 ? `from ${timeText(from)}` : "",
    isTime(until) ? `until ${timeText(until)}` : "",
  ];
  return [start, end].filter(Boolean).join(" ") || "at any time";
}

/** The largest instant of ECMA-262; what is beyond it means “without end”. */
const isTime = (ms: number): boolean => ms < 8.64e15;
const timeText = (ms: number): string => new Date(ms).toISOString();

function ageInWords({ age: { leastMs, mostMs } }: PolicyPlan): string {
  const bounds = [
    ...(leastMs > 0 ? [`not before it is ${spanInWords(leastMs)} old`] : []),
    ...(mostMs === undefined ? [] : [`not when it is more than ${spanInWords(mostMs)} old`]),
  ];
  return bounds.length === 0 ? "any" : bounds.join(", and ");
}

function quotaInWords({ recordsPerSecond, bytesPerSecond, alarmRecordsPerHour }: Quota): string {
  const bounds = [
    ...(recordsPerSecond === undefined ? [] : [`${count(recordsPerSecond)} records a second`]),
    ...(bytesPerSecond === undefined ? [] : [`${count(bytesPerSecond)} bytes a second`]),
    ...(alarmRecordsPerHour === undefined
      ? []
      : [`an alarm above ${count(alarmRecordsPerHour)} records an hour`]),
  ];
  return bounds.length === 0 ? "none" : bounds.join(", ");
}

/** What holds for every record, then the need-to-know conditions. */
export const explainTerms = (comparison: Comparison): readonly ExplainedTerm[] => [
  ...TERMS.map((row) => explainTerm(row, comparison)),
  ...comparison.plan.conditions.map((condition) => explainCondition(condition, comparison)),
];

function explainTerm(row: TermRow, { plan, open, sources, places }: Comparison): ExplainedTerm {
  const textOf = (of: PolicyPlan): string => JSON.stringify(row.value(of)) ?? "";
  const behind = sources.filter(({ alone }) => textOf(alone) !== textOf(open));
  const exact = behind.filter(({ alone }) => textOf(alone) === textOf(plan));
  const deciding = exact.length > 0 ? exact : behind;
  const own = row.property === undefined ? undefined : places.contract(row.property);
  const where = deciding.flatMap(({ kind, use }) => {
    if (kind === "agreement") return places.agreement("") ?? [];
    return (kind === "contract" ? own : use?.declared) ?? [];
  });
  return {
    name: row.name,
    detail: row.say(plan),
    by: deciding.length === 0 ? row.own : [...new Set(deciding.map(({ by }) => by))].join(", "),
    where: deciding.length > 0 || own === undefined ? where : [own],
  };
}

/** The name that plans give to the contract's own conditions. */
const OWN_CONDITIONS = "scope";

function explainCondition(
  { field, op, values, module }: PlanCondition,
  { input, places }: Comparison,
): ExplainedTerm {
  const own = module === OWN_CONDITIONS;
  const place = own ? places.contract("mesh.scope") : undefined;
  return {
    name: "only records",
    detail: `whose ${field} ${op}${op === "exists" ? "" : ` ${listText(values)}`}`,
    by: own ? "contract" : module,
    where: own ? (place === undefined ? [] : [place]) : usePlaces(module, input.bundles),
  };
}

const listText = (values: readonly Json[]): string =>
  values.length === 0
    ? "what this partner has none of: nothing meets it"
    : values.map((value) => JSON.stringify(value)).join(" or ");
