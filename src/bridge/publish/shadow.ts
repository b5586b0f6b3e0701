import type { AdmissionSummary, ShadowSummary } from "../../kernel/decision.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { SourceBatch } from "../../kernel/ports.ts";
import type { Admit } from "../../mesh/admit.ts";
import type { Route } from "../../mesh/route.ts";

const TELL_AGAIN_MS = 3_600_000;

/**
 * Decides a second time, by the plan with the bundles in shadow mode, and says what they would change. It has no way to what
 * leaves: the bytes that it makes are thrown away, and so is whatever it throws.
 */
export class Shadow {
  readonly plan: PolicyPlan;
  /** Records that may be compared now: a link that is slower than the bound is compared whole, a faster one in part. */
  #left: number = LIMITS.shadow.recordsPerSecond;
  #at: number;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `now` in ms since 1970. */
  constructor(plan: PolicyPlan, now: number) {
    this.plan = plan;
    this.#at = now;
  }

  /** `admit`, and beside it what the shadow makes of the same run. */
  beside(admit: Admit): Admit {
    return (...given) => {
      const compare = this.decide(admit, ...given);
      const admitted = admit(...given);
      if (compare === undefined) return admitted;
      return { ...admitted, summary: { ...admitted.summary, shadow: compare(admitted.summary) } };
    };
  }

  /**
   * What the shadow makes of a run, as a function of what is decided in force; undefined: not of this run. Comes before the
   * decision in force, whose bytes may lie in memory that a second decision takes again.
   */
  decide(
    admit: Admit,
    batch: SourceBatch,
    route: Route,
    sequence: number,
    now: number,
  ): ((inForce: AdmissionSummary) => ShadowSummary) | undefined {
    if (batch.batches.length === 0 || !this.#mayCompare(now)) return undefined;
    const shadow = this.#decided(admit, batch, route, sequence, now);
    return (inForce) => {
      this.#left -= inForce.read;
      return difference(this.plan.digest, inForce, shadow);
    };
  }

  /** Is this the moment to tell that there is a difference? At most once an hour. */
  isToTell({ denied, fields }: ShadowSummary, now: number): boolean {
    if (denied === 0 && Object.keys(fields).length === 0) return false;
    if (now - this.#toldAt < TELL_AGAIN_MS) return false;
    this.#toldAt = now;
    return true;
  }

  #mayCompare(now: number): boolean {
    const { recordsPerSecond } = LIMITS.shadow;
    const earned = (Math.max(0, now - this.#at) / 1_000) * recordsPerSecond;
    this.#left = Math.min(recordsPerSecond, this.#left + earned);
    this.#at = Math.max(this.#at, now);
    return this.#left > 0;
  }

  #decided(...[admit, batch, route, sequence, now]: Parameters<Shadow["decide"]>) {
    try {
      return admit(batch, { ...route, plan: this.plan }, sequence, now).summary;
    } catch {
      return undefined;
    }
  }
}

/** A rule that fails would deny; one rule more never permits what was denied, so that the rest is what it takes away. */
function difference(
  plan: string,
  inForce: AdmissionSummary,
  shadow: AdmissionSummary | undefined,
): ShadowSummary {
  const { read, permitted } = inForce;
  const denied = shadow === undefined ? permitted : Math.max(0, shadow.denied - inForce.denied);
  return { plan, compared: read, denied, fields: instead(inForce.fields, shadow?.fields ?? {}) };
}

/** Where an action stands more often in the shadow than in force: there it would have been applied instead of another one. */
function instead(
  inForce: AdmissionSummary["fields"],
  shadow: AdmissionSummary["fields"],
): ShadowSummary["fields"] {
  const known = new Map(Object.entries(inForce));
  const changed = Object.entries(shadow).flatMap(([pointer, actions]) => {
    const before = new Map(Object.entries(known.get(pointer) ?? {}));
    const more = Object.entries(actions)
      .map(([action, count]) => [action, count - (before.get(action) ?? 0)] as const)
      .filter(([, count]) => count > 0);
    return more.length === 0 ? [] : [[pointer, Object.fromEntries(more)] as const];
  });
  return Object.fromEntries(changed.slice(0, LIMITS.shadow.fieldsMax));
}
