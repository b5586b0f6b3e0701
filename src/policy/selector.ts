import type { Selector } from "../kernel/policy-bundle.ts";
import type { PlanFacts } from "./module.ts";

/** Criterion of `when` → what the facts offer it: one match is enough. */
const CRITERIA: Readonly<Record<keyof Selector, (facts: PlanFacts) => readonly string[]>> = {
  partners: ({ partner }) => [partner.name, partner.card.id],
  groups: ({ partner }) => partner.groups,
  countries: ({ partner }) => (partner.country === undefined ? [] : [partner.country]),
  contracts: ({ contract }) => [contract.ref.name],
  purposes: ({ purpose }) => [purpose],
};

/** Do all criteria that are given match? One that lists nothing matches nobody. */
export function selects(when: Selector, facts: PlanFacts): boolean {
  return Object.entries(CRITERIA).every(([criterion, offered]) => {
    const wanted = given(when, criterion);
    return wanted === undefined || offered(facts).some((each) => wanted.includes(each));
  });
}

function given(when: Selector, criterion: string): readonly string[] | undefined {
  return new Map<string, readonly string[]>(Object.entries(when)).get(criterion);
}
