import type { DateUnit } from "../kernel/action.ts";
import type { Contract } from "../kernel/contract.ts";
import type { Clock } from "../kernel/ports.ts";
import type { Registry } from "../mesh/registry/registry.ts";
import type { Snapshot } from "../mesh/registry/snapshot.ts";
import { compilePlan } from "../policy/plan.ts";
import { checkSignatures } from "../tenants/agreement-signature.ts";
import type { KeyRing } from "../tenants/key-ring.ts";
import type { Publication, Withheld } from "./publication.ts";

export interface PublicationPorts {
  /** Own company URN. */
  readonly owner: string;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** What this company publishes now, agreement by agreement. A plan is compiled once for each state of the registry. */
export class Publications {
  readonly #ports: PublicationPorts;
  readonly #compiled = new Map<
    string,
    { readonly snapshot: Snapshot; readonly outcome: Publication | Withheld }
  >();

  constructor(ports: PublicationPorts) {
    this.#ports = ports;
  }

  /** As of now: the registry may have changed, the agreement may have ended since the call before. */
  current(id: string): Publication | Withheld {
    const { snapshot } = this.#ports.registry;
    const known = this.#compiled.get(id);
    const outcome = known?.snapshot === snapshot ? known.outcome : this.#compile(id, snapshot);
    this.#compiled.set(id, { snapshot, outcome });
    return "withheld" in outcome ? outcome : (outOfTime(outcome, this.#ports.clock.now()) ?? outcome);
  }

  #compile(id: string, snapshot: Snapshot): Publication | Withheld {
    const { owner, keys } = this.#ports;
    const known = snapshot.find("AccessAgreement", id);
    if (known === undefined || known.value.provider !== owner)
      return withheld("unknown", "There is no such agreement.");
    const agreement = known.value;
    if (agreement.status !== "approved" && agreement.status !== "active")
      return withheld(agreement.status, `The agreement is ${agreement.status}.`);
    const partner = snapshot.partner(agreement.consumer);
    const contract = snapshot.find(
      "DataContract",
      `${agreement.contractName}@${agreement.contractVersion}`,
    )?.value;
    if (partner === undefined)
      return withheld("unknown", "The subscriber is not a partner of this company any more.");
    if (contract === undefined) return withheld("unknown", "The contract is not here any more.");
    const keysOf = (company: string) =>
      company === owner ? keys.publicKeys : (snapshot.partner(company)?.card.keys ?? []);
    const { signedBy } = checkSignatures(known.document, agreement, keysOf);
    if (!signedBy.has(owner) || !signedBy.has(agreement.consumer))
      return withheld("unsigned", "The agreement is not signed by both companies with keys of their cards.");
    const plan = compilePlan({
      contract,
      partner,
      agreement,
      purpose: agreement.purpose,
      bundles: snapshot.all("PolicyBundle").map(({ value }) => value),
      pseudonymEpoch: keys.pseudonyms.epoch,
    });
    const [denial] = plan.denials;
    if (denial !== undefined) return withheld("denied", `Policy denies the whole stream: ${denial.code}.`);
    const route = { plan, agreement: id, owner, pseudonyms: keys.pseudonyms, opaque: keys.opaque };
    return {
      agreement,
      contract: contract.ref,
      topic: contract.topic,
      retentionMs: retentionOf(contract),
      route,
    };
  }
}

const DAY_MS = 24 * 3_600_000;
/** How far back a truncated timestamp may lie. */
const TRUNCATED_MS: Readonly<Record<DateUnit, number>> = {
  year: 366 * DAY_MS,
  quarter: 92 * DAY_MS,
  month: 31 * DAY_MS,
  "iso-week": 7 * DAY_MS,
  day: DAY_MS,
  hour: 3_600_000,
  minute: 60_000,
};
/** Kafka's own default. */
const RETENTION_MS = 7 * DAY_MS;

/** Kafka counts retention from the record's timestamp: one that was truncated must not be deleted the sooner for it. */
function retentionOf({ retentionMs, timestamp }: Contract): number | undefined {
  if (timestamp.action === "share") return retentionMs;
  return (retentionMs ?? RETENTION_MS) + TRUNCATED_MS[timestamp.to];
}

function outOfTime({ route, agreement }: Publication, now: number): Withheld | undefined {
  const { from, until } = route.plan.validity;
  if (now < from) return withheld("approved", `The agreement starts at ${timeOf(from)}.`);
  if (now >= until) return withheld("expired", `The agreement ended at ${timeOf(agreement.endsAt)}.`);
  return undefined;
}

const withheld = (status: string, why: string): Withheld => ({ withheld: true, status, why });
const timeOf = (ms: number): string => new Date(ms).toISOString();
