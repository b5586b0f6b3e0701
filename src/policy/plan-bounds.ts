import type { Agreement } from "../kernel/agreement.ts";
import type { Contract } from "../kernel/contract.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { Quota } from "../kernel/quota.ts";
import type { Ruling } from "./rulings.ts";

/** The time that all allow. */
export function validityOf(
  agreement: Agreement | undefined,
  rulings: readonly Ruling[],
): PolicyPlan["validity"] {
  const spans = rulings.map(({ rules }) => rules.validity ?? {});
  return {
    from: Math.max(agreement?.startsAt ?? 0, ...spans.map(({ from = 0 }) => from)),
    until: Math.min(
      agreement?.endsAt ?? Number.MAX_SAFE_INTEGER,
      ...spans.map(({ until = Number.MAX_SAFE_INTEGER }) => until),
    ),
  };
}

/** The age that all allow. */
export function ageOf(rulings: readonly Ruling[]): PolicyPlan["age"] {
  const ages = rulings.map(({ rules }) => rules.age ?? {});
  return {
    leastMs: Math.max(0, ...ages.map(({ leastMs = 0 }) => leastMs)),
    mostMs: leastOf(ages.map(({ mostMs }) => mostMs)),
  };
}

/** The smallest of each limit. */
export function limitsOf({ limits }: Contract, rulings: readonly Ruling[]): PolicyPlan["limits"] {
  const all = [limits, ...rulings.map(({ rules }) => rules.limits ?? {})];
  const least = (name: keyof PolicyPlan["limits"]): number =>
    Math.min(...all.map((each) => each[name] ?? limits[name]));
  return {
    bytesMax: least("bytesMax"),
    depthMax: least("depthMax"),
    arrayLengthMax: least("arrayLengthMax"),
  };
}

const QUOTA = ["recordsPerSecond", "bytesPerSecond", "alarmRecordsPerHour"] as const;

/** The smallest of each; what nobody bounds has no member. */
export function quotaOf(agreement: Agreement | undefined, rulings: readonly Ruling[]): Quota {
  const all: readonly Quota[] = [agreement?.quota ?? {}, ...rulings.map(({ rules }) => rules.quota ?? {})];
  const least = QUOTA.flatMap((name) => {
    const bound = leastOf(all.map((quota) => quota[name]));
    return bound === undefined ? [] : [[name, bound] as const];
  });
  return Object.fromEntries(least);
}

function leastOf(bounds: readonly (number | undefined)[]): number | undefined {
  const given = bounds.filter((each) => each !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
