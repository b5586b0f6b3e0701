import type { Cluster, COORDINATOR } from "./cluster.ts";
import type { BrokerConnection } from "./connection.ts";
import { BrokerFault } from "./fault.ts";
import { ELECTION_MS, type Patience, patient } from "./patience.ts";

/**
 * A coordinator that still completes the transaction before answers CONCURRENT_TRANSACTIONS for a few milliseconds; an
 * election takes longer.
 */
export const BUSY: Patience = { deadlineMs: ELECTION_MS, firstDelayMs: 1, maxDelayMs: 50 };

/** The coordinators of one cluster, looked up once and again when they have moved. */
export class Coordinators {
  readonly #cluster: Cluster;
  readonly #known = new Map<string, BrokerConnection>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Runs a request at the coordinator of a group or transactional id, again while its failure passes. Throws MeshError. */
  async run(
    kind: keyof typeof COORDINATOR,
    key: string,
    doing: string,
    request: (coordinator: BrokerConnection) => Promise<void>,
    patience: Patience = BUSY,
  ): Promise<void> {
    const name = `${kind} ${key}`;
    await patient(doing, patience, async () => {
      let coordinator = this.#known.get(name);
      if (coordinator?.alive !== true) {
        coordinator = await this.#cluster.coordinator(kind, key);
        this.#known.set(name, coordinator);
      }
      try {
        await request(coordinator);
      } catch (error) {
        if (!(error instanceof BrokerFault) || error.remedy === "elsewhere") this.#known.delete(name);
        throw error;
      }
    });
  }

  /**
   * As `run`, but what got no answer is not asked again: the first request may still arrive, behind what was sent after the second.
   * Throws MeshError.
   */
  async once(...[kind, key, doing, request]: Parameters<Coordinators["run"]>): Promise<void> {
    let lost: { readonly error: unknown } | undefined;
    await this.run(kind, key, doing, async (coordinator) => {
      await request(coordinator).catch((error: unknown) => {
        if (error instanceof BrokerFault) throw error;
        lost = { error };
      });
    });
    if (lost !== undefined) throw lost.error;
  }
}
