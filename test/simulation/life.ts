import { MeshError } from "../../src/kernel/error.ts";
import type { Clock } from "../../src/kernel/ports.ts";
import type { Call } from "../support/memory-cluster.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { Weather } from "./weather.ts";

/**
 * One process of a gateway. All that it waits for goes through here, so that it can be killed at any moment: then what it waits
 * for never comes, and nothing that it had in memory is seen again. What it sent before may still arrive.
 */
export class Life {
  readonly #time: VirtualTime;
  /** How far its machine's clock is off, ms. */
  readonly #skew: { ms: number };
  #isOver = false;
  readonly #onEnd: (() => void)[] = [];

  constructor(time: VirtualTime, skew: { ms: number }) {
    this.#time = time;
    this.#skew = skew;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  kill(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const end of this.#onEnd) end();
  }

  onEnd(deed: () => void): void {
    this.#onEnd.push(deed);
  }

  readonly clock: Clock = {
    now: () => Math.floor(this.#time.now) + this.#skew.ms,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = this.#alive(resolve);
        signal?.addEventListener("abort", wake, { once: true });
        this.#time.after(ms, () => {
          signal?.removeEventListener("abort", wake);
          wake();
        });
      }),
  };

  /** How this process calls a cluster in that weather. */
  callIn(weather: Weather): Call {
    return (doing, deed) =>
      new Promise((resolve, reject) => {
        if (this.#isOver) return;
        const fate = weather.fate();
        const lost = (): void =>
          reject(new MeshError("KAFKA_UNAVAILABLE", `The connection broke: ${doing}.`));
        const answer = (tell: () => void): void => this.#time.after(weather.travel(), this.#alive(tell));
        this.#time.after(weather.travel(), () => {
          if (fate === "refused") return answer(lost);
          attempt(deed).then(
            (given) => answer(fate === "answered" ? () => resolve(given) : lost),
            (error: unknown) => answer(fate === "answered" ? () => reject(error) : lost),
          );
        });
      });
  }

  readonly #alive =
    (deed: () => void): (() => void) =>
    () => {
      if (!this.#isOver) deed();
    };
}

const attempt = async <Answer>(deed: () => Answer | Promise<Answer>): Promise<Answer> => await deed();
