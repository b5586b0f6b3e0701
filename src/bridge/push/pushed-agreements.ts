import { type Agreement, LIVE_STATES } from "../../kernel/agreement.ts";
import type { Partner } from "../../kernel/company.ts";
import type { Clock, PartnerClient } from "../../kernel/ports.ts";
import type { Agreements } from "../../mesh/agreements.ts";
import type { Registry } from "../../mesh/registry/registry.ts";

/** How often a publisher is asked what became of an agreement: until it is approved, and from then on. */
const ASK_MS = 1_000;
const ASK_SELDOM_MS = 10_000;

export interface PushedAgreementPorts {
  /** Own company URN. */
  readonly owner: string;
  readonly registry: Registry;
  readonly agreements: Agreements;
  /** The client of a partner's gateway, by its card as it is now. */
  readonly clientOf: (partner: Partner) => PartnerClient;
  readonly clock: Clock;
}

/**
 * The agreements whose streams are pushed to this company. No link runs for them here; all there is to do is to learn what the
 * publishers make of them, so that approval, suspension and revocation stand in our log, too.
 */
export class PushedAgreements {
  readonly #ports: PushedAgreementPorts;
  readonly #stop = new AbortController();
  readonly #watched = new Map<string, Promise<void>>();
  #off: () => void = () => undefined;

  constructor(ports: PushedAgreementPorts) {
    this.#ports = ports;
  }

  /** Nothing runs before. */
  start(): void {
    this.#off = this.#ports.registry.onChange(() => this.#reconcile());
    this.#reconcile();
  }

  async close(): Promise<void> {
    this.#off();
    this.#stop.abort();
    await Promise.all(this.#watched.values());
  }

  #reconcile(): void {
    for (const { value } of this.#ports.registry.snapshot.all("AccessAgreement")) {
      const isOurs = value.consumer === this.#ports.owner && value.delivery === "push";
      if (isOurs && LIVE_STATES.has(value.status) && !this.#watched.has(value.id))
        this.#watched.set(value.id, this.#watch(value.id));
    }
  }

  async #watch(id: string): Promise<void> {
    const { signal } = this.#stop;
    for (let known = this.#known(id); known !== undefined && !signal.aborted; known = this.#known(id)) {
      await this.#learn(known);
      await this.#ports.clock.sleep(known.status === "requested" ? ASK_MS : ASK_SELDOM_MS, signal);
    }
    this.#watched.delete(id);
  }

  /** Undefined when there is nothing more to learn. */
  #known(id: string): Agreement | undefined {
    const known = this.#ports.registry.snapshot.find("AccessAgreement", id)?.value;
    return known !== undefined && LIVE_STATES.has(known.status) ? known : undefined;
  }

  async #learn({ id, provider }: Agreement): Promise<void> {
    const partner = this.#ports.registry.snapshot.partner(provider);
    if (partner === undefined) return;
    const { signal } = this.#stop;
    let client: PartnerClient | undefined;
    // Nobody waits for what a partner that is silent may yet answer.
    const hangUp = () => void client?.close();
    signal.addEventListener("abort", hangUp);
    try {
      client = this.#ports.clientOf(partner);
      const document = await client.json("GET", `/v1/agreements/${id}`);
      await this.#ports.agreements.learn(id, provider, document);
    } catch {
      // The publisher is away, or says nothing that makes sense: nothing hangs on it here, and it is asked again.
    } finally {
      signal.removeEventListener("abort", hangUp);
      await client?.close();
    }
  }
}
