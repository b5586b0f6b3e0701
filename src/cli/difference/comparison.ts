import {
  type Direction,
  type PlanChange,
  planDifference,
  type Verdict,
  verdictOn,
  widens,
} from "../../policy/plan-difference.ts";
import { type Outcomes, outcomesOf } from "./outcomes.ts";
import type { Pair, Side } from "./pair.ts";

/** How two states differ in one contract for one partner. */
export interface Comparison {
  readonly contract: string;
  /** Name, and company URN. */
  readonly partner: { readonly name: string; readonly id: string };
  readonly before: Named | null;
  readonly after: Named | null;
  readonly widens: boolean;
  readonly verdict: Verdict;
  readonly changes: readonly PlanChange[];
  /** Only for `--events`: holds values. */
  readonly events?: Outcomes;
}

interface Named {
  readonly contract: string;
  readonly digest: string;
  readonly plan: string;
  readonly purpose: string;
}

/** `lines` undefined: no records are decided on. */
export function comparisonOf(pair: Pair, lines: readonly Uint8Array[] | undefined, now: number): Comparison {
  const { name, partner, old, next } = pair;
  const changes = changesOf(pair);
  return {
    contract: name,
    partner: { name: partner.name, id: partner.card.id },
    before: named(old),
    after: named(next),
    widens: widens(changes),
    verdict: verdictOn(changes),
    changes,
    ...(lines !== undefined && { events: outcomesOf(pair, lines, now) }),
  };
}

/** A contract that one state does not have lets nothing through there. */
function changesOf({ old, next }: Pair): readonly PlanChange[] {
  if (old !== undefined && next !== undefined) return planDifference(old.plan, next.plan);
  const says = (side: Side | undefined) => ({
    says: side === undefined ? "no contract" : nameOf(side),
    by: undefined,
  });
  const told = (direction: Direction, verdict: Verdict): readonly PlanChange[] => [
    { place: "contract", aspect: "terms", direction, verdict, before: says(old), after: says(next) },
  ];
  return old === undefined ? told("widened", "widening") : told("narrowed", "breaking");
}

const nameOf = ({ contract: { ref } }: Side): string => `${ref.name} ${ref.version}`;

function named(side: Side | undefined): Named | null {
  if (side === undefined) return null;
  const { contract, plan } = side;
  const { digest } = contract.ref;
  return { contract: nameOf(side), digest, plan: plan.digest, purpose: plan.purpose };
}
