import { setTimeout as sleep } from "node:timers/promises";
import { MeshError } from "../kernel/error.ts";
import { SESSION_MS } from "./group-requests.ts";

/** How soon at the latest a member learns that its group forms anew. */
const BEAT_MS = 500;

/** Tells a group's coordinator that its member lives, until the group forms anew or can't be heard for so long that it has. */
export class Heartbeat {
  readonly #over = new AbortController();
  readonly #stop = new AbortController();
  /** So late the coordinator heard of the member at the least, by a clock that nobody sets. */
  #heardAt: number;

  /** `heardAt`: when what it answered last was sent, as `performance.now()` says it. `beat` throws LINK_REBALANCED once the term is over, and anything else while the coordinator can't be heard. */
  constructor(heardAt: number, beat: () => Promise<void>) {
    this.#heardAt = heardAt;
    void this.#run(beat);
  }

  /** Aborts with the end of the term; never after `stop`. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether the coordinator can't have given the member up. A process that hung knows by it before a timer tells it. */
  get stands(): boolean {
    if (this.#stop.signal.aborted) return false;
    if (this.#silentMs >= SESSION_MS) this.#over.abort();
    return !this.#over.signal.aborted;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(beat: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    for (await pause(BEAT_MS, signal); !signal.aborted; await pause(BEAT_MS, signal)) {
      const waiting = new AbortController();
      const askedAt = performance.now();
      const silence = pause(Math.max(0, SESSION_MS - this.#silentMs), waiting.signal).then(
        () => "failed" as const,
      );
      const outcome = await Promise.race([outcomeOf(beat), silence]);
      waiting.abort();
      if (signal.aborted) return;
      // The answer may have lain here while the process hung.
      if (outcome === "heard") this.#heardAt = askedAt;
      if (outcome === "over") this.#over.abort();
      if (!this.stands) return;
    }
  }

  get #silentMs(): number {
    return performance.now() - this.#heardAt;
  }
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);

async function outcomeOf(beat: () => Promise<void>): Promise<"heard" | "over" | "failed"> {
  try {
    await beat();
    return "heard";
  } catch (error) {
    return error instanceof MeshError && error.code === "LINK_REBALANCED" ? "over" : "failed";
  }
}
