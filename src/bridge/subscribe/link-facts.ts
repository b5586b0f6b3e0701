import type { Agreement } from "../../kernel/agreement.ts";
import type { Card, Partner } from "../../kernel/company.ts";
import { MeshError } from "../../kernel/error.ts";
import type { LinkControl } from "../../mesh/registry/link-control.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import type { Replay } from "../../mesh/registry/replay.ts";

/** What the registry knows of a link, as it stands now. */
export class LinkFacts {
  readonly #registry: Pick<Registry, "snapshot">;
  /** Of the agreement. */
  readonly #id: string;
  readonly #replay: string | undefined;

  constructor(registry: Pick<Registry, "snapshot">, id: string, replay: string | undefined) {
    this.#registry = registry;
    this.#id = id;
    this.#replay = replay;
  }

  /** Undefined: the registry has it no more. */
  get known(): Agreement | undefined {
    return this.#registry.snapshot.find("AccessAgreement", this.#id)?.value;
  }

  /** Throws NOT_FOUND. */
  get agreement(): Agreement {
    const { known } = this;
    if (known === undefined)
      throw new MeshError("NOT_FOUND", "The agreement is not in the registry any more.");
    return known;
  }

  /** The publisher. Throws NOT_FOUND. */
  get partner(): Partner {
    const { provider } = this.agreement;
    const partner = this.#registry.snapshot.partner(provider);
    if (partner === undefined)
      throw new MeshError("NOT_FOUND", `The card of ${provider} is not accepted here.`);
    return partner;
  }

  /** The publisher's; undefined: it is not accepted any more. */
  get card(): Card | undefined {
    const { known } = this;
    return known && this.#registry.snapshot.partner(known.provider)?.card;
  }

  /** What the publisher is called here; undefined: its card is not accepted any more. */
  get partnerName(): string | undefined {
    const { known } = this;
    return known && this.#registry.snapshot.partner(known.provider)?.name;
  }

  get control(): LinkControl | undefined {
    return this.#registry.snapshot.find("LinkControl", this.#id)?.value;
  }

  get replay(): Replay | undefined {
    return this.#replay === undefined
      ? undefined
      : this.#registry.snapshot.find("Replay", this.#replay)?.value;
  }

  /** It was stopped, or another process of the gateway has seen its end. */
  get isReplayOver(): boolean {
    return this.#replay !== undefined && this.replay?.status !== "running";
  }
}
