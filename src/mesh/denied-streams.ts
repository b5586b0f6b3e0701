import type { Clock } from "../kernel/ports.ts";
import type { Problem } from "../kernel/problem.ts";
import { denialTexts, type PlanOwner, planOf, planParts } from "./agreement-plan.ts";
import type { RegistryEntry } from "./registry/entry.ts";
import type { Registry } from "./registry/registry.ts";
import type { Registered, Snapshot } from "./registry/snapshot.ts";

/**
 * Which streams that flow now policy would deny whole once the entry is in force: a warning for each, with the reasons that it adds.
 * Whoever puts a file in force is to hear it from us before the partner calls.
 */
export function deniedStreams(
  entry: RegistryEntry,
  registered: Registered,
  ports: PlanOwner & { readonly registry: Registry; readonly clock: Clock },
): readonly Problem[] {
  if (registered.kind === "AccessAgreement") return [];
  const { owner, registry, clock } = ports;
  const before = registry.snapshot;
  const after = before.with(entry, registered);
  const flowing = before
    .all("AccessAgreement")
    .map(({ value }) => value)
    .filter(({ provider, status, endsAt }) => {
      const isInForce = status === "approved" || status === "active";
      return provider === owner && isInForce && endsAt > clock.now();
    });
  return flowing.flatMap((agreement): readonly Problem[] => {
    const denialsIn = (snapshot: Snapshot): readonly string[] => {
      const { contract, partner } = planParts(agreement, snapshot);
      if (contract === undefined || partner === undefined) return [];
      return denialTexts(planOf({ agreement, contract, partner }, snapshot, ports, clock.now()));
    };
    const known = new Set(denialsIn(before));
    const added = denialsIn(after).filter((text) => !known.has(text));
    if (added.length === 0) return [];
    const partner = before.partner(agreement.consumer)?.name ?? agreement.consumer;
    return [
      {
        severity: "warning",
        file: entry.main,
        line: 1,
        column: 1,
        pointer: "",
        rule: "policy.stream-denied",
        message: `${partner} gets nothing of ${agreement.contractName} any more: ${added.join(" ")}`,
        mend: `Suspend or revoke the agreement ${agreement.id.slice(0, 8)} if that is meant, so that the partner is told.`,
      },
    ];
  });
}
