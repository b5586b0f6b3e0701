import { setTimeout as sleep } from "node:timers/promises";
import { ClusterAway, passes, toMeshError } from "./fault.ts";

/** How long a passing failure is borne, and how often it is tried. Milliseconds. */
export interface Patience {
  readonly deadlineMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** How often a cluster of which no broker can be reached is tried; three times by default. */
  readonly awayTriesMax?: number;
  readonly signal?: AbortSignal;
}

/** A broker that died is noticed by its controller after 9 s (`broker.session.timeout.ms`); then others are elected. */
export const ELECTION_MS = 15_000;

/** Loading coordinators and what is being made take a second or two. */
const MOMENT: Patience = { deadlineMs: 5_000, firstDelayMs: 20, maxDelayMs: 500 };

/** For callers that bear passing failures themselves. */
export const ONCE: Patience = { deadlineMs: 0, firstDelayMs: 1, maxDelayMs: 1 };

/** Nobody answers: the caller's own back-off is the better place to wait. */
const AWAY_TRIES_MAX = 3;
const AWAY_MS = 5_000;

/** Bears failures that pass, from its beginning or from what last went well, for as long as a patience says. */
export class Endurance {
  readonly #doing: string;
  readonly #patience: Patience;
  #began = performance.now();
  #delay: number;
  #away = 0;

  constructor(doing: string, patience: Patience) {
    this.#doing = doing;
    this.#patience = patience;
    this.#delay = patience.firstDelayMs;
  }

  /** Something went well: everything counts from now on. */
  renew(): void {
    this.#began = performance.now();
    this.#delay = this.#patience.firstDelayMs;
    this.#away = 0;
  }

  /** Waits until it is to be tried again. Throws MeshError when the failure does not pass, or was borne for long enough. */
  async bear(error: unknown): Promise<void> {
    const { maxDelayMs, signal } = this.#patience;
    if (!passes(error) || this.#isOver(error) || signal?.aborted === true)
      throw toMeshError(error, this.#doing);
    await sleep(this.#delay, undefined, signal && { signal }).catch(() => undefined);
    this.#delay = Math.min(this.#delay * 2, maxDelayMs);
  }

  #isOver(error: unknown): boolean {
    const { deadlineMs, awayTriesMax = AWAY_TRIES_MAX } = this.#patience;
    const then = performance.now() - this.#began + this.#delay;
    if (!(error instanceof ClusterAway)) return then > deadlineMs;
    this.#away += 1;
    return then > Math.min(AWAY_MS, deadlineMs) || this.#away >= awayTriesMax;
  }
}

/**
 * Runs `attempt` until it does not fail with an error that passes, or the deadline is over.
 * Throws MeshError: KAFKA_UNAVAILABLE at the deadline, else what the failure is.
 */
export async function patient<Answer>(
  doing: string,
  patience: Patience = MOMENT,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const endurance = new Endurance(doing, patience);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      await endurance.bear(error);
    }
  }
}
