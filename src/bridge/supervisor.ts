import { LIVE_STATES } from "../kernel/agreement.ts";
import type { Registry } from "../mesh/registry/registry.ts";
import { Link, type LinkPorts } from "./link.ts";

/** Makes the running links equal the wanted ones: one for each live agreement in which this company is the subscriber. */
export class Supervisor {
  readonly #ports: LinkPorts;
  readonly #registry: Registry;
  readonly #links = new Map<string, Link>();
  readonly #off: () => void;

  constructor(registry: Registry, ports: LinkPorts) {
    this.#ports = ports;
    this.#registry = registry;
    this.#off = registry.onChange(() => this.#reconcile());
    this.#reconcile();
  }

  get links(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** Stops all links and waits until each has let go of its transaction. */
  async close(): Promise<void> {
    this.#off();
    await Promise.all(this.links.map((link) => link.stop()));
  }

  #reconcile(): void {
    const { snapshot } = this.#registry;
    for (const link of this.links) link.agreementChanged(snapshot.find("AccessAgreement", link.id)?.value);
    for (const { value } of snapshot.all("AccessAgreement")) {
      const isWanted = value.consumer === this.#ports.owner && LIVE_STATES.has(value.status);
      if (isWanted && !this.#links.has(value.id)) this.#links.set(value.id, new Link(value.id, this.#ports));
    }
  }
}
