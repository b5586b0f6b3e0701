import { setTimeout as sleep } from "node:timers/promises";
import { MeshError } from "../kernel/error.ts";
import { SESSION_MS } from "./group-requests.ts";

/** How soon at the latest a member learns that its group forms anew. */
const BEAT_MS = 500;

/** Tells a group's coordinator that its member lives, until the group forms anew or can't be heard for so long that it has. */
export class Heartbeat {
  readonly #over = new AbortController();
  readonly #stop = new AbortController();

  /** `beat` throws LINK_REBALANCED once the term is over, and anything else while the coordinator can't be heard. */
  constructor(beat: () => Promise<void>) {
    void this.#run(beat);
  }

  /** Aborts with the end of the term; never after `stop`. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(beat: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    let heardAt = performance.now();
    for (await pause(BEAT_MS, signal); !signal.aborted; await pause(BEAT_MS, signal)) {
      const waiting = new AbortController();
      const left = Math.max(0, SESSION_MS - (performance.now() - heardAt));
      const silence = pause(left, waiting.signal).then(() => "failed" as const);
      const outcome = await Promise.race([outcomeOf(beat), silence]);
      waiting.abort();
      if (signal.aborted) return;
      if (outcome === "heard") heardAt = performance.now();
      else if (outcome === "over" || performance.now() - heardAt >= SESSION_MS) return this.#over.abort();
    }
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
