import type { DateUnit } from "../../kernel/action.ts";
import type { Agreement } from "../../kernel/agreement.ts";
import type { Contract } from "../../kernel/contract.ts";
import type { PolicyPlan } from "../../kernel/plan.ts";
import type { Clock } from "../../kernel/ports.ts";
import { denialTexts, type PlanOwner, planOf, planParts, shadowPlanOf } from "../../mesh/agreement-plan.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import type { Snapshot } from "../../mesh/registry/snapshot.ts";
import { checkSignatures } from "../../tenants/agreement-signature.ts";
import type { KeyRing } from "../../tenants/key-ring.ts";
import type { Publication, Withheld } from "./publication.ts";
import { QuotaMeter } from "./quota-meter.ts";
import { Shadow } from "./shadow.ts";

export interface PublicationPorts extends PlanOwner {
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** What a publication was made of, and until when that holds by itself, ms since 1970. */
interface Compiled {
  readonly snapshot: Snapshot;
  readonly until: number;
  readonly outcome: Publication | Withheld;
}

/** What this company publishes now, agreement by agreement. A plan is compiled once for each state of the registry. */
export class Publications {
  readonly #ports: PublicationPorts;
  readonly #compiled = new Map<string, Compiled>();
  readonly #meters = new Map<string, QuotaMeter>();

  constructor(ports: PublicationPorts) {
    this.#ports = ports;
  }

  /** As of now: the registry may have changed, the agreement may have ended since the call before. */
  current(id: string): Publication | Withheld {
    const { snapshot } = this.#ports.registry;
    const now = this.#ports.clock.now();
    let known = this.#compiled.get(id);
    if (known?.snapshot !== snapshot || now >= known.until) {
      const outcome = this.#compile(id, snapshot, now, known?.outcome);
      known = { snapshot, until: this.#nextEnd(snapshot, now), outcome };
      this.#compiled.set(id, known);
    }
    const { outcome } = known;
    return "withheld" in outcome ? outcome : (outOfTime(outcome, now) ?? outcome);
  }

  /** When the next agreement of ours ends: what others get is a fact that plans depend on. */
  #nextEnd(snapshot: Snapshot, now: number): number {
    const ends = snapshot
      .all("AccessAgreement")
      .filter(({ value }) => value.provider === this.#ports.owner && value.endsAt > now);
    return Math.min(...ends.map(({ value }) => value.endsAt));
  }

  #compile(
    id: string,
    snapshot: Snapshot,
    now: number,
    before: Publication | Withheld | undefined,
  ): Publication | Withheld {
    const agreement = this.#agreement(id, snapshot);
    if ("withheld" in agreement) return agreement;
    const { contract, partner } = planParts(agreement, snapshot);
    if (partner === undefined)
      return withheld("unknown", "The subscriber is not a partner of this company any more.");
    if (contract === undefined) return withheld("unknown", "The contract is not here any more.");
    const { owner, keys } = this.#ports;
    const subject = { agreement, contract, partner };
    const plan = planOf(subject, snapshot, this.#ports, now);
    if (plan.denials.length > 0)
      return withheld("denied", `Policy denies the whole stream: ${denialTexts(plan).join(" ")}`);
    const { pseudonyms, sealer, opaque } = keys;
    const shadow = shadowPlanOf(plan, subject, snapshot, this.#ports, now);
    return {
      agreement,
      contract: contract.ref,
      topic: contract.topic,
      retentionMs: retentionOf(contract),
      route: { plan, agreement: id, owner, fields: { pseudonyms, sealer }, opaque },
      meter: this.#meterOf(id, now),
      shadow: shadow && shadowFor(shadow, before, now),
    };
  }

  /** In force by its status and by both signatures. */
  #agreement(id: string, snapshot: Snapshot): Agreement | Withheld {
    const { owner, keys } = this.#ports;
    const known = snapshot.find("AccessAgreement", id);
    if (known === undefined || known.value.provider !== owner)
      return withheld("unknown", "There is no such agreement.");
    const agreement = known.value;
    if (agreement.status !== "approved" && agreement.status !== "active")
      return withheld(agreement.status, `The agreement is ${agreement.status}.`);
    if (snapshot.find("LinkControl", id)?.value.paused === true)
      return { ...withheld("paused", "The publisher has paused the stream."), code: "LINK_PAUSED" };
    if (snapshot.partner(agreement.consumer) === undefined) return agreement;
    const keysOf = (company: string) =>
      company === owner ? keys.publicKeys : (snapshot.partner(company)?.card.keys ?? []);
    const { signedBy } = checkSignatures(known.document, agreement, keysOf);
    if (signedBy.has(owner) && signedBy.has(agreement.consumer)) return agreement;
    return withheld("unsigned", "The agreement is not signed by both companies with keys of their cards.");
  }

  #meterOf(id: string, now: number): QuotaMeter {
    const meter = this.#meters.get(id) ?? new QuotaMeter(now);
    this.#meters.set(id, meter);
    return meter;
  }
}

/** The same one for the same plan, so that it goes on where it was. */
function shadowFor(plan: PolicyPlan, before: Publication | Withheld | undefined, now: number): Shadow {
  const known = before === undefined || "withheld" in before ? undefined : before.shadow;
  return known?.plan.digest === plan.digest ? known : new Shadow(plan, now);
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
  const { until } = route.plan.validity;
  // A start that is yet to come has no place in the topic: what is written until then would leave, too.
  const from = Math.max(route.plan.validity.from, agreement.start.at === "time" ? agreement.start.time : 0);
  if (now < from) return withheld("approved", `The agreement starts at ${timeOf(from)}.`);
  if (now >= until) return withheld("expired", `The agreement ended at ${timeOf(agreement.endsAt)}.`);
  return undefined;
}

const withheld = (status: Withheld["status"], why: string): Withheld => ({ withheld: true, status, why });
const timeOf = (ms: number): string => new Date(ms).toISOString();
