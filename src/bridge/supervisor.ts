import type { Agreement } from "../kernel/agreement.ts";
import type { Registry } from "../mesh/registry/registry.ts";
import { Link, type LinkPorts } from "./link.ts";

/** Which agreements have something to run at their subscriber. */
const LIVE = new Set(["requested", "approved", "active", "suspended"]);

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
    for (const { value } of this.#registry.snapshot.all("AccessAgreement")) {
      if (value.consumer !== this.#ports.owner) continue;
      const link = this.#links.get(value.id);
      if (link === undefined && LIVE.has(value.status))
        this.#links.set(value.id, new Link(value.id, this.#ports));
      link?.agreementChanged(value as Agreement);
    }
  }
}
