import { planParts } from "../../mesh/agreement-plan.ts";
import type { Registry } from "../../mesh/registry/registry.ts";
import { aloneSink } from "../share/alone.ts";
import { CURSORS_AGAIN_MS } from "../standing.ts";
import { keepCursors, type PushPorts } from "./push.ts";
import { type PushTargetPorts, pushTarget } from "./push-target.ts";

/** After cursors could not be kept. */
const AGAIN_MS = 60_000;

/** Commits the cursors of a push again while it is at rest, so that they don't expire: one that runs does so by itself. */
export class PushKeeper {
  readonly #id: string;
  readonly #ports: PushPorts & PushTargetPorts & { readonly registry: Registry };
  /** Ms since 1970. Zero: how old the cursors of an earlier process are is not known. */
  #keptAt = 0;

  constructor(id: string, ports: PushPorts & PushTargetPorts & { readonly registry: Registry }) {
    this.#id = id;
    this.#ports = ports;
  }

  /** The push ran until now, and kept them itself. */
  kept(): void {
    this.#keptAt = this.#ports.clock.now();
  }

  /** Does nothing when it is too early. Never fails: what can't be kept now is tried again in a minute. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, registry, source } = this.#ports;
    const now = clock.now();
    if (now - this.#keptAt < CURSORS_AGAIN_MS) return;
    this.#keptAt = now;
    const { snapshot } = registry;
    const agreement = snapshot.find("AccessAgreement", this.#id)?.value;
    const contract = agreement && planParts(agreement, snapshot).contract;
    if (agreement === undefined || contract === undefined) return;
    try {
      const target = pushTarget(agreement, contract.retentionMs, snapshot, this.#ports);
      const sink = target.sharing ? aloneSink(target.sink, target.sharing) : target.sink;
      await keepCursors(this.#id, contract.topic, { ...target, sink }, { source }, signal);
    } catch {
      // The partner's Kafka is away, or does not let us: the next attempt, or the resumed push, says so by its name.
      this.#keptAt = now - CURSORS_AGAIN_MS + AGAIN_MS;
    }
  }
}
