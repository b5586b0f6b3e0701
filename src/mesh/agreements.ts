import { placeless } from "../document/document.ts";
import { type Agreement, type AgreementStatus, LIVE_STATES } from "../kernel/agreement.ts";
import { Allowance } from "../kernel/allowance.ts";
import type { ActDecision } from "../kernel/decision.ts";
import { digestOf } from "../kernel/digest.ts";
import { MeshError } from "../kernel/error.ts";
import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Clock, DecisionLog } from "../kernel/ports.ts";
import type { Problem } from "../kernel/problem.ts";
import { readAgreement } from "../tenants/agreement-file.ts";
import { checkSignatures, signAgreement, termsOf, withStatus } from "../tenants/agreement-signature.ts";
import type { KeyRing } from "../tenants/key-ring.ts";
import { denialTexts, type PlanOwner, planOf, planParts } from "./agreement-plan.ts";
import { inVain, narrowedInVain } from "./narrowing.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { ToldContract } from "./public-contract.ts";
import { entryKey, type RegistryEntry } from "./registry/entry.ts";
import type { Registry } from "./registry/registry.ts";
import { readEntry, TOLD_CONTRACT } from "./registry/snapshot.ts";

export interface AgreementPorts extends PlanOwner {
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
}

/** What an operator may do to an agreement: act → the states it may be done in, the state it leads to. */
const ACTS = {
  approve: { from: ["requested"], to: "approved" },
  suspend: { from: ["approved", "active", "suspended"], to: "suspended" },
  resume: { from: ["suspended"], to: "approved" },
  revoke: { from: ["requested", "approved", "active", "suspended"], to: "revoked" },
} as const satisfies Record<string, { from: readonly AgreementStatus[]; to: AgreementStatus }>;
export type AgreementAct = keyof typeof ACTS;
export const AGREEMENT_ACTS = Object.keys(ACTS) as readonly AgreementAct[];

/** The lives of agreements: requested, signed by both, in force, ended. Each step is an audit record before it is in force. */
export class Agreements {
  readonly #ports: AgreementPorts;
  /**
   * What is under way, by agreement: each step sees the state that the one before left, so that a revocation can't be overwritten. An
   * operator does not wait for what partners say of others.
   */
  readonly #turns = new OneAtATime();
  /** What is left to a partner of asking, by partner, and of bringing an agreement back, by agreement. */
  readonly #allowances = new Map<string, Allowance>();

  constructor(ports: AgreementPorts) {
    this.#ports = ports;
  }

  /** The operator's act on an agreement of ours. The publisher approves; either side ends. Idempotent. */
  async act(id: string, act: AgreementAct, note: string): Promise<Agreement> {
    const { agreement } = this.#known(id);
    return await this.#turns.take(agreement.id, async () => await this.#act(agreement.id, act, note));
  }

  async #act(id: string, act: AgreementAct, note: string): Promise<Agreement> {
    const { agreement, document, acceptedBy } = this.#known(id);
    const { from, to } = ACTS[act];
    // What the partner has suspended the partner may resume: our operator's suspension is another one.
    const isOurs = act !== "suspend" || acceptedBy === "operator";
    if (agreement.status === to && isOurs) return agreement;
    if (!(from as readonly string[]).includes(agreement.status))
      throw new MeshError(
        "CONFLICT",
        `The agreement is ${agreement.status}; it can be ${act}d only when ${from.join(" or ")}.`,
      );
    if (act === "resume" && agreement.signatures.length < 2)
      throw new MeshError(
        "CONFLICT",
        "The agreement was never approved by both, so there is nothing to resume.",
      );
    if (act === "approve" && agreement.provider !== this.#ports.owner)
      throw new MeshError("CONFLICT", "Only the publisher of the contract approves a request for it.");
    const { keys, owner, clock } = this.#ports;
    const signedAt = new Date(clock.now()).toISOString();
    const signed = act === "approve" ? signAgreement(document, keys, owner, signedAt) : document;
    const next = withStatus(signed, to);
    if (to === "approved") this.#requireStream(next);
    return await this.#write(next, "operator", note);
  }

  /** An agreement of ours that policy denies whole is not approved: it would look alive, and nothing would flow. */
  #requireStream(document: Json): void {
    const { owner, registry, clock } = this.#ports;
    const agreement = this.#read(document);
    if (agreement.provider !== owner) return;
    const { contract, partner } = planParts(agreement, registry.snapshot);
    if (contract === undefined || partner === undefined)
      throw new MeshError("CONFLICT", "The contract or the partner of the agreement is not here any more.");
    if (agreement.delivery === "push" && partner.kafka === undefined)
      throw new MeshError(
        "CONFLICT",
        `The agreement's stream is to be pushed, but the file of ${partner.name} has no \`spec.kafka\`: nothing would flow.`,
      );
    const plan = planOf({ agreement, contract, partner }, registry.snapshot, this.#ports, clock.now());
    if (plan.denials.length > 0)
      throw new MeshError(
        "CONFLICT",
        `Policy denies the whole stream, so nothing would flow: ${denialTexts(plan).join(" ")} The agreement stays ${this.#known(agreement.id).agreement.status}.`,
      );
  }

  /** Keeps a request that we made and signed, with what the publisher told of its contract. */
  async requested(document: Json, told?: ToldContract): Promise<Agreement> {
    const { id } = this.#read(document);
    return await this.#turns.take(id, async () => await this.#write(document, "operator", "", told));
  }

  /** A partner asks: its signature and nobody else's, our contract, one of its purposes. The same request twice is one. */
  async receive(partner: string, document: Json): Promise<Agreement> {
    const agreement = this.#read(document);
    return await this.#turns.take(
      agreement.id,
      async () => await this.#receive(partner, document, agreement),
    );
  }

  async #receive(partner: string, document: Json, agreement: Agreement): Promise<Agreement> {
    const known = this.#ports.registry.snapshot.find("AccessAgreement", agreement.id);
    if (known !== undefined) {
      if (known.value.consumer !== partner || !sameTerms(known.document, document))
        throw new MeshError("CONFLICT", "That agreement id is taken.");
      return known.value;
    }
    const fault = this.#faultOfRequest(partner, agreement);
    if (fault !== undefined) throw new MeshError("REQUEST_INVALID", fault);
    this.#requireSignatures(document, agreement, [partner]);
    this.#requireRoom(partner);
    return await this.#write(withStatus(document, "requested"), partner, "");
  }

  /**
   * What the other side says an agreement of ours has become. Approval counts with both signatures over our own terms; an
   * end counts as said, because an end only takes away. What ended here stays so, and what our operator suspended too until
   * our operator resumes it.
   */
  async learn(id: string, partner: string, document: Json): Promise<Agreement> {
    const agreement = this.#read(document);
    return await this.#turns.take(id, async () => await this.#learn(id, partner, document, agreement));
  }

  async #learn(id: string, partner: string, document: Json, agreement: Agreement): Promise<Agreement> {
    const { agreement: before, document: ours, acceptedBy } = this.#known(id);
    const { status } = agreement;
    // Nothing becomes a request again.
    if (status === before.status || status === "requested" || !LIVE_STATES.has(before.status)) return before;
    // What we have not approved its subscriber can't suspend: we would resume what we never signed.
    if (status === "suspended" && before.status === "requested" && partner === before.consumer) return before;
    const suspendedHere = before.status === "suspended" && acceptedBy === "operator";
    if (suspendedHere && LIVE_STATES.has(status)) return before;
    if (!sameTerms(document, ours))
      throw new MeshError(
        "PARTNER_ANSWER_INVALID",
        "The partner's copy of the agreement has other terms than ours.",
      );
    if (status === "approved" || status === "active") {
      this.#requireSignatures(document, agreement, [partner, this.#ports.owner]);
      if (before.status !== "requested" && !this.#isAllowed(id, LIMITS.resumptions))
        throw new MeshError(
          "CONFLICT",
          `The partner has brought the agreement back too often: it stays ${before.status}, for a minute at least.`,
        );
      return await this.#write(document, partner, "");
    }
    return await this.#write(withStatus(ours, status), partner, "");
  }

  #faultOfRequest(partner: string, agreement: Agreement): string | undefined {
    const { owner, registry, clock } = this.#ports;
    const contract = registry.snapshot.find(
      "DataContract",
      `${agreement.contractName}@${agreement.contractVersion}`,
    );
    if (agreement.consumer !== partner) return "The consumer of the agreement is not the company that asks.";
    if (agreement.provider !== owner) return "The provider of the agreement is not this company.";
    if (contract === undefined) return "There is no such contract here.";
    if (contract.value.ref.digest !== agreement.contractDigest)
      return "The contract's digest is another one: the contract has changed since it was read.";
    if (!contract.value.purposes.includes(agreement.purpose))
      return "The contract does not allow that purpose.";
    const [vain] = narrowedInVain(agreement, contract.value);
    if (vain !== undefined) return inVain(vain);
    if (agreement.delivery === "push" && contract.value.push === "none")
      return "The contract does not allow that its stream is pushed.";
    if (agreement.endsAt <= clock.now()) return "The agreement has ended before it began.";
    return undefined;
  }

  /** Requests are kept for good, and looked through: nobody fills the registry with them. */
  #requireRoom(partner: string): void {
    const waiting = this.#ports.registry.snapshot
      .all("AccessAgreement")
      .filter(({ value }) => value.status === "requested" && value.consumer === partner);
    if (waiting.length >= LIMITS.requestsWaitingMax)
      throw new MeshError(
        "CONFLICT",
        `${waiting.length} requests of ${partner} wait to be approved: more are taken when some of them have ended.`,
      );
    if (!this.#isAllowed(partner, LIMITS.requests))
      throw new MeshError("CONFLICT", `${partner} has sent too many requests of late: try again later.`);
  }

  /** Each time leaves records that are kept for good: nobody fills our log and our registry with them. */
  #isAllowed(to: string, rate: ConstructorParameters<typeof Allowance>[0]): boolean {
    const now = this.#ports.clock.now();
    const allowance = this.#allowances.get(to) ?? new Allowance(rate, now);
    this.#allowances.set(to, allowance);
    return allowance.take(now);
  }

  /** Signed by each of `companies`, and by nobody whose signature does not count. */
  #requireSignatures(document: Json, agreement: Agreement, companies: readonly string[]): void {
    const { owner, keys, registry } = this.#ports;
    const keysOf = (of: string) =>
      of === owner ? keys.publicKeys : (registry.snapshot.partner(of)?.card.keys ?? []);
    const { signedBy, problems } = checkSignatures(document, agreement, keysOf);
    const missing = companies.find((company) => !signedBy.has(company));
    if (missing !== undefined)
      throw new MeshError(
        "REQUEST_INVALID",
        `The agreement is not signed by a key of the card of ${missing}.`,
      );
    const [first] = problems;
    if (first !== undefined) throw new MeshError("REQUEST_INVALID", first.message);
  }

  #known(id: string): { agreement: Agreement; document: Json; acceptedBy: string | undefined } {
    const { snapshot } = this.#ports.registry;
    const known = snapshot.agreement(id);
    if (known === undefined) throw new MeshError("NOT_FOUND", "There is no agreement of that id.");
    const acceptedBy = snapshot.entries.get(entryKey(known))?.entry.acceptedBy;
    return { agreement: known.value, document: known.document, acceptedBy };
  }

  #read(document: Json): Agreement {
    if (JSON.stringify(document).length > LIMITS.agreementLengthMax)
      throw new MeshError(
        "REQUEST_INVALID",
        `The agreement has more than ${LIMITS.agreementLengthMax} characters.`,
      );
    const { agreement, problems } = readAgreement(placeless(document, MAIN));
    if (agreement === undefined) throw invalid(problems);
    return agreement;
  }

  async #write(document: Json, by: string, note: string, told?: ToldContract): Promise<Agreement> {
    const { registry, decisions, clock, owner } = this.#ports;
    // As the registry will read it, which takes much longer than to see that it is an agreement.
    const { registered, problems } = readEntry(entryOf(document));
    if (registered?.kind !== "AccessAgreement") throw invalid(problems);
    const agreement = registered.value;
    const time = new Date(clock.now()).toISOString();
    const decision: ActDecision = {
      kind: "act",
      act: `agreement.${agreement.status}`,
      time,
      actor: by,
      partner: agreement.provider === owner ? agreement.consumer : agreement.provider,
      agreement: agreement.id,
      contract: `${agreement.contractName}@${agreement.contractVersion}`,
      digest: digestOf(document),
      ...(note !== "" && { note }),
    };
    await decisions.append([decision]);
    const kept = told ?? registry.snapshot.find("AccessAgreement", agreement.id)?.told;
    const entry = { ...entryOf(document, kept), name: agreement.id, acceptedAt: time, acceptedBy: by };
    await registry.put(entry);
    return agreement;
  }
}

const invalid = ([first]: readonly Problem[]): MeshError =>
  new MeshError("REQUEST_INVALID", `The agreement is not valid: ${first?.message ?? "it can't be read"}`);

/** Signed by whomever, in whatever state. */
const sameTerms = (one: Json, other: Json): boolean => digestOf(termsOf(one)) === digestOf(termsOf(other));

const MAIN = "agreement.json";
const entryOf = (document: Json, told?: ToldContract): Pick<RegistryEntry, "kind" | "main" | "files"> => ({
  kind: "AccessAgreement",
  main: MAIN,
  files: {
    [MAIN]: JSON.stringify(document, null, 2),
    ...(told !== undefined && { [TOLD_CONTRACT]: JSON.stringify(told) }),
  },
});
