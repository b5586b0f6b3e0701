import type { Clock } from "../../src/kernel/ports.ts";

interface Sleeper {
  readonly due: number;
  wake(): void;
}

/** Time that stands still until a test moves it. */
export class MemoryClock implements Clock {
  #now: number;
  #sleepers: readonly Sleeper[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const sleeper = { due: this.#now + ms, wake };
    this.#sleepers = [...this.#sleepers, sleeper];
    signal?.addEventListener("abort", wake, { once: true });
    await promise;
    signal?.removeEventListener("abort", wake);
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { due, wake } of this.#sleepers) if (due <= this.#now) wake();
  }
}
