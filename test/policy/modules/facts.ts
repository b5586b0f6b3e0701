import type { Contract } from "../../../src/kernel/contract.ts";
import type { Json } from "../../../src/kernel/json.ts";
import type { Reason } from "../../../src/kernel/reason.ts";
import type { ModuleRules, OtherAgreement, PlanFacts } from "../../../src/policy/module.ts";
import { MODULES } from "../../../src/policy/registry.ts";
import { agreement, partner } from "../sample.ts";

/** What a module is told when it is compiled for Helix. */
export const factsOf = (subject: Contract, changed: Partial<PlanFacts> = {}): PlanFacts => ({
  contract: subject,
  partner: partner(),
  agreement: agreement(),
  purpose: "cx.dcm.base",
  others: [],
  received: undefined,
  ...changed,
});

/** What the module of that name demands; the reasons when it refuses. */
export function rulesOf(name: string, settings: Json, facts: PlanFacts): ModuleRules | readonly Reason[] {
  const compiled = MODULES.get(name)?.compile(settings, facts);
  if (compiled === undefined) throw new Error(`There is no module ${name}.`);
  return compiled.ok ? compiled.value : compiled.fault;
}

export const KESTREL = "urn:bpn:BPNL00000004KEST";

/** An older agreement with Kestrel on its own volumes. */
export const otherAgreement = (changed: Partial<OtherAgreement> = {}): OtherAgreement => ({
  id: "11111111-3b1e-4f57-9c52-0a5a7a4f1f10",
  partner: { id: KESTREL, name: "kestrel", competesWith: [] },
  contract: "other-demand",
  categories: ["volume"],
  approvedAt: Date.UTC(2026, 9, 1),
  ...changed,
});

export const DROP = { action: "drop" } as const;
