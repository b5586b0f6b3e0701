import { canonicalJson } from "../kernel/canonical-json.ts";
import type { AttributeOrigin } from "../kernel/contract.ts";
import type { Json } from "../kernel/json.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import { type Comparison, compared, isNarrower } from "./narrower.ts";
import type { Direction, PlanChange, Said, Verdict } from "./plan-change.ts";
import { VERDICT_OF } from "./readable.ts";
import { compareScreens, screensText } from "./screen-difference.ts";

/** One thing that a plan says of all records, or of what stands around their data. */
interface Facet {
  readonly place: string;
  compare(old: PolicyPlan, next: PolicyPlan): Comparison | "neutral";
  says(plan: PolicyPlan): string;
  /** Undefined: as the direction. */
  readonly verdict?: (old: PolicyPlan, next: PolicyPlan) => Verdict;
}

/** A number of which more lets through more, or less does; undefined: there is no bound. */
function bound(
  place: string,
  of: (plan: PolicyPlan) => number | undefined,
  stricter: "less" | "more",
): Facet {
  const none = stricter === "less" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const value = (plan: PolicyPlan): number => of(plan) ?? none;
  return {
    place,
    compare: (old, next) =>
      compared(value(old), value(next), (one, other) => (stricter === "less" ? one <= other : one >= other)),
    says: (plan) => String(of(plan) ?? "no bound"),
  };
}

/** One of several words, the strictest first. */
function ranked<Word extends string>(
  place: string,
  of: (plan: PolicyPlan) => Word,
  strictestFirst: readonly Word[],
): Facet {
  return {
    place,
    compare: (old, next) =>
      compared(
        of(old),
        of(next),
        (one, other) => strictestFirst.indexOf(one) <= strictestFirst.indexOf(other),
      ),
    says: of,
  };
}

/** What lets through neither more nor less, but is another thing to who reads it. */
const label = (place: string, of: (plan: PolicyPlan) => Json, verdict: Verdict): Facet => ({
  place,
  compare: (old, next) => (canonicalJson(of(old)) === canonicalJson(of(next)) ? "same" : "neutral"),
  says: (plan) => String(of(plan)),
  verdict: () => verdict,
});

const NOWHERE: ReadonlySet<AttributeOrigin["from"]> = new Set(["auto", "none", "record"]);

/** An attribute that comes from the record shows a part of it; of two origins none shows less. */
const attribute = (name: "id" | "subject" | "time"): Facet => ({
  place: `attributes/${name}`,
  compare: ({ event: old }, { event: next }) =>
    compared(
      old[name],
      next[name],
      (one, other) => NOWHERE.has(one.from) || canonicalJson({ ...one }) === canonicalJson({ ...other }),
    ),
  says: ({ event }) => Object.values(event[name]).join(" "),
  verdict: ({ event: old }, { event: next }) => {
    if (!NOWHERE.has(old[name].from)) return "breaking";
    return NOWHERE.has(next[name].from) ? "neutral" : "widening";
  },
});

const KEYS = ["drop", "pseudonymize", "share"] as const;

const key: Facet = {
  place: "key",
  compare: (old, next) =>
    compared(old.key, next.key, (one, other) => {
      if (one.rule === "drop" || canonicalJson({ ...one }) === canonicalJson({ ...other })) return true;
      if (one.rule === "pointer" || other.rule === "pointer") return false;
      return KEYS.indexOf(one.rule) <= KEYS.indexOf(other.rule);
    }),
  says: (plan) => Object.values(plan.key).join(" "),
  verdict: (old) => (old.key.rule === "drop" ? "widening" : "breaking"),
};

const FACETS: readonly Facet[] = [
  bound("validity/from", ({ validity }) => validity.from, "more"),
  bound("validity/until", ({ validity }) => validity.until, "less"),
  bound("age/leastMs", ({ age }) => age.leastMs, "more"),
  bound("age/mostMs", ({ age }) => age.mostMs, "less"),
  bound("limits/bytesMax", ({ limits }) => limits.bytesMax, "less"),
  bound("limits/depthMax", ({ limits }) => limits.depthMax, "less"),
  bound("limits/arrayLengthMax", ({ limits }) => limits.arrayLengthMax, "less"),
  bound("quota/recordsPerSecond", ({ quota }) => quota.recordsPerSecond, "less"),
  bound("quota/bytesPerSecond", ({ quota }) => quota.bytesPerSecond, "less"),
  bound("quota/alarmRecordsPerHour", ({ quota }) => quota.alarmRecordsPerHour, "less"),
  ranked("tombstones", ({ tombstones }) => tombstones, ["deny", "scoped", "pass"]),
  ranked("onwardSharing", ({ onwardSharing }) => onwardSharing, ["forbidden", "allowed"]),
  key,
  {
    place: "timestamp",
    compare: ({ timestamp: old }, { timestamp: next }) =>
      compared(old, next, (one, other) => isNarrower(one, other, { types: ["string"], format: "date-time" })),
    says: ({ timestamp }) => Object.values(timestamp).join(" "),
  },
  attribute("id"),
  attribute("subject"),
  attribute("time"),
  label("attributes/type", ({ event }) => event.type, "breaking"),
  label("attributes/source", ({ event }) => event.source, "breaking"),
  label("mode", ({ event }) => event.mode, "breaking"),
  label("encoding", ({ encoding }) => encoding, "neutral"),
  label("pseudonymEpoch", ({ pseudonymEpoch }) => pseudonymEpoch, "neutral"),
  label("recipient", ({ recipient }) => recipient?.kid ?? "no key", "neutral"),
  {
    place: "screens",
    compare: ({ screens: old }, { screens: next }) =>
      compareScreens({ screens: old, action: undefined }, { screens: next, action: undefined }),
    says: ({ screens }) => screensText(screens),
  },
];

/** All but the fields in which two plans differ. */
export const envelopeChanges = (old: PolicyPlan, next: PolicyPlan): readonly PlanChange[] => [
  ...listChanges("denials", old.denials.map(denialOf), next.denials.map(denialOf)),
  ...listChanges("conditions", old.conditions.map(conditionOf), next.conditions.map(conditionOf)),
  ...headerChanges(old, next),
  ...FACETS.flatMap((facet) => facetChange(facet, old, next)),
];

function facetChange(facet: Facet, old: PolicyPlan, next: PolicyPlan): readonly PlanChange[] {
  const direction = facet.compare(old, next);
  if (direction === "same") return [];
  const verdict = facet.verdict?.(old, next) ?? VERDICT_OF[direction];
  return [change(facet.place, direction, verdict, facet.says(old), facet.says(next))];
}

const change = (
  place: string,
  direction: Direction,
  verdict: Verdict,
  before: string,
  after: string,
  by?: string,
): PlanChange => {
  const said = (says: string): Said => ({ says, by });
  return { place, aspect: "terms", direction, verdict, before: said(before), after: said(after) };
};

/** A rule that keeps records back, and who says it. */
interface Barrier {
  readonly says: string;
  readonly by: string | undefined;
}

const denialOf = ({ code, module, pointer }: PolicyPlan["denials"][number]): Barrier => ({
  says: [code, pointer].filter(Boolean).join(" "),
  by: module,
});
const conditionOf = ({ field, op, values, module }: PolicyPlan["conditions"][number]): Barrier => ({
  says: `${field} ${op} ${canonicalJson(values)}`,
  by: module,
});

/** One barrier more narrows, one less widens, whoever says it. */
function listChanges(
  place: string,
  old: readonly Barrier[],
  next: readonly Barrier[],
): readonly PlanChange[] {
  const missing = (among: readonly Barrier[], { says }: Barrier): boolean =>
    !among.some((each) => each.says === says);
  const gone = old.filter((each) => missing(next, each));
  const added = next.filter((each) => missing(old, each));
  return [
    ...gone.map(({ says, by }) => change(place, "widened", "widening", says, "-", by)),
    ...added.map(({ says, by }) => change(place, "narrowed", "narrowing", "-", says, by)),
  ];
}

function headerChanges({ headers: old }: PolicyPlan, { headers: next }: PolicyPlan): readonly PlanChange[] {
  const gone = old.filter((name) => !next.includes(name));
  const added = next.filter((name) => !old.includes(name));
  return [
    ...gone.map((name) => change(`headers/${name}`, "narrowed", "breaking", "share", "drop")),
    ...added.map((name) => change(`headers/${name}`, "widened", "widening", "drop", "share")),
  ];
}
