import { LIVE_STATES } from "../../kernel/agreement.ts";
import { PushLink, type PushLinkPorts } from "./push-link.ts";

/** Makes the running pushes equal the wanted ones: one for each live agreement whose stream this company is to push. */
export class PushSupervisor {
  readonly #ports: PushLinkPorts;
  readonly #links = new Map<string, PushLink>();
  #off: () => void = () => undefined;

  constructor(ports: PushLinkPorts) {
    this.#ports = ports;
  }

  /** Nothing runs before. */
  start(): void {
    this.#off = this.#ports.registry.onChange(() => this.#reconcile());
    this.#reconcile();
  }

  get links(): readonly PushLink[] {
    return [...this.#links.values()];
  }

  /** Stops all and waits until each has let go of its transaction. */
  async close(): Promise<void> {
    this.#off();
    await Promise.all(this.links.map((link) => link.stop()));
  }

  #reconcile(): void {
    for (const link of this.links) link.registryChanged();
    const { owner, registry } = this.#ports;
    for (const { value } of registry.snapshot.all("AccessAgreement")) {
      const isWanted = value.provider === owner && value.delivery === "push" && LIVE_STATES.has(value.status);
      if (isWanted && !this.#links.has(value.id))
        this.#links.set(value.id, new PushLink(value.id, this.#ports));
    }
  }
}
