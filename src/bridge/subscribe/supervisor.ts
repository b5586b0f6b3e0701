import { type Agreement, LIVE_STATES } from "../../kernel/agreement.ts";
import { chainName } from "../../kernel/chain.ts";
import { OneAtATime } from "../../mesh/one-at-a-time.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { Link, type LinkPorts } from "./link.ts";

/**
 * Makes the running links equal the wanted ones: one for each live agreement in which this company is the subscriber, and one
 * for each replay that runs under such an agreement.
 */
export class Supervisor {
  readonly #ports: LinkPorts;
  readonly #registry: Registry;
  /** By the name of the chain. */
  readonly #links = new Map<string, Link>();
  /** Held back while somebody else writes their cursors, by agreement. */
  readonly #held = new OneAtATime();
  #off: () => void = () => undefined;
  #isClosed = false;

  constructor(registry: Registry, ports: LinkPorts) {
    this.#ports = ports;
    this.#registry = registry;
  }

  /** Nothing runs before: a process that finds no room for itself must not take links from one that has it. */
  start(): void {
    this.#off = this.#registry.onChange(() => this.#reconcile());
    this.#reconcile();
  }

  get links(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** Runs `work` while the live link of an agreement is stopped here, one after the other, and starts the link again. */
  async without<Value>(agreement: string, work: () => Promise<Value>): Promise<Value> {
    try {
      return await this.#held.take(agreement, async () => {
        await this.#links.get(agreement)?.stop();
        this.#links.delete(agreement);
        return await work();
      });
    } finally {
      if (!this.#isClosed) this.#reconcile();
    }
  }

  /** Stops all links and waits until each has let go of its transaction. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#off();
    await Promise.all(this.links.map((link) => link.stop()));
  }

  #reconcile(): void {
    const { snapshot } = this.#registry;
    for (const link of this.links) link.registryChanged();
    for (const { value } of snapshot.all("AccessAgreement")) if (this.#isOurs(value)) this.#want(value.id);
    const replays = snapshot.all("Replay").filter(({ value }) => value.status === "running");
    for (const { value } of replays)
      if (this.#links.has(value.agreement)) this.#want(value.agreement, value.id);
    const running = new Set(replays.map(({ value }) => value.id));
    for (const [chain, link] of this.#links)
      if (link.replay !== undefined && !running.has(link.replay)) this.#letGo(chain, link);
  }

  /** A stream that its publisher pushes has no link here. */
  #isOurs({ consumer, delivery, status }: Agreement): boolean {
    return consumer === this.#ports.owner && delivery === "pull" && LIVE_STATES.has(status);
  }

  #want(agreement: string, replay?: string): void {
    const chain = chainName(agreement, replay);
    if (!this.#links.has(chain) && !this.#held.has(chain))
      this.#links.set(chain, new Link(agreement, this.#ports, replay));
  }

  #letGo(chain: string, link: Link): void {
    this.#links.delete(chain);
    void link.stop();
  }
}
