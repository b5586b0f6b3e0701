import { type Agreement, LIVE_STATES } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { Route } from "../../mesh/route.ts";
import { compileWith } from "../../policy/plan.ts";
import type { State } from "./state.ts";

/** What one state makes of a contract for a partner. */
export interface Side {
  readonly contract: Contract;
  readonly plan: PolicyPlan;
  /** To decide on records of a file. */
  readonly route: Route;
}

/** What two states make of one contract for one partner; undefined: the state does not have it. */
export interface Pair {
  readonly name: string;
  readonly partner: Partner;
  readonly old: Side | undefined;
  readonly next: Side | undefined;
}

/** Records of a file have no topic yet, so ids of events are made as if its id were this. */
const NO_TOPIC = "0".repeat(32);

/**
 * Every contract for every one of these partners, as each state has it. Two contracts that the caller named are compared whatever they
 * are called; otherwise contracts of one name are.
 */
export function pairsOf(
  old: State,
  next: State,
  partners: readonly Partner[],
  purpose: string | undefined,
): readonly Pair[] {
  const [before, after] = [current(old.contracts), current(next.contracts)];
  const names = next.named === undefined ? new Set([...after.keys(), ...before.keys()]) : after.keys();
  return [...names].flatMap((name) =>
    partners.map((partner) => ({
      name,
      partner,
      old: sideOf(old.named ?? before.get(name), partner, old, purpose),
      next: sideOf(after.get(name), partner, next, purpose),
    })),
  );
}

/** Name → the contract of several versions that is active, else the last. */
function current(contracts: readonly Contract[]): ReadonlyMap<string, Contract> {
  const known = new Map<string, Contract>();
  for (const contract of contracts) {
    const { name } = contract.ref;
    if (contract.status === "active" || known.get(name)?.status !== "active") known.set(name, contract);
  }
  return known;
}

/** As if an agreement on just this text were in force: the partner's own where there is one. */
function sideOf(
  contract: Contract | undefined,
  { card: { id: company } }: Partner,
  state: State,
  asked: string | undefined,
): Side | undefined {
  const partner = state.partners.find(({ card }) => card.id === company);
  if (contract === undefined || partner === undefined) return undefined;
  const { ref, owner, purposes } = contract;
  const agreed = state
    .agreements(ref.name, company)
    .filter(({ status, purpose }) => LIVE_STATES.has(status) && (asked === undefined || purpose === asked))
    .toSorted((one, other) => other.startsAt - one.startsAt)[0];
  const agreement: Agreement | undefined = agreed && {
    ...agreed,
    status: "active",
    provider: owner,
    contractVersion: ref.version,
    contractDigest: ref.digest,
  };
  const { keys, bundles, modules } = state;
  const plan = compileWith(
    {
      contract,
      partner,
      agreement,
      purpose: asked ?? agreement?.purpose ?? purposes[0] ?? "",
      bundles,
      pseudonymEpoch: keys.pseudonyms.epoch,
      others: [],
      received: undefined,
    },
    modules,
  );
  const id = agreement?.id ?? "preview";
  const route = { plan, agreement: id, owner, topicId: NO_TOPIC, fields: keys, opaque: keys.opaque };
  return { contract, plan, route };
}
