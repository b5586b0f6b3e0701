import { setTimeout as sleep } from "node:timers/promises";
import { BrokerFault, passes, toMeshError } from "./fault.ts";

/** How long a passing failure is borne, and how often it is tried. Milliseconds. */
export interface Patience {
  readonly deadlineMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly signal?: AbortSignal;
}

/** Leader elections and loading coordinators take a second or two. */
const ELECTION: Patience = { deadlineMs: 5_000, firstDelayMs: 20, maxDelayMs: 500 };

/** For callers that bear passing failures themselves. */
export const ONCE: Patience = { deadlineMs: 0, firstDelayMs: 1, maxDelayMs: 1 };

/** Refuses connections at once: then the caller's own back-off is the better place to wait. */
const REFUSED_TRIES_MAX = 3;

/**
 * Runs `attempt` until it does not fail with an error that passes, or the deadline is over.
 * Throws MeshError: KAFKA_UNAVAILABLE at the deadline, else what the failure is.
 */
export async function patient<Answer>(
  doing: string,
  patience: Patience = ELECTION,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = performance.now() + patience.deadlineMs;
  let delay = patience.firstDelayMs;
  for (let away = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof BrokerFault)) away += 1;
      const givenUp = performance.now() + delay > deadline || away >= REFUSED_TRIES_MAX;
      if (givenUp || !passes(error) || patience.signal?.aborted === true) throw toMeshError(error, doing);
      await sleep(delay);
      delay = Math.min(delay * 2, patience.maxDelayMs);
    }
  }
}
