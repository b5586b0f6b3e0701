import type { Agreement } from "../kernel/agreement.ts";
import type { FrameDecision } from "../kernel/decision.ts";

/** An agreement's `mesh.quota`: what was sent is paid for with time, so that the rate holds over more than a frame. */
export class Quota {
  readonly #quota: NonNullable<Agreement["quota"]>;
  /** When what was sent so far is paid for, ms since 1970. */
  #paidAt: number;

  /** `now` in ms since 1970; undefined: no bound. */
  constructor(quota: Agreement["quota"], now: number) {
    this.#quota = quota ?? {};
    this.#paidAt = now;
  }

  spend(decisions: readonly Pick<FrameDecision, "count">[], frames: readonly Uint8Array[]): void {
    const { recordsPerSecond, bytesPerSecond } = this.#quota;
    const records = decisions.reduce((sum, { count }) => sum + count, 0);
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    const seconds = Math.max(
      recordsPerSecond === undefined ? 0 : records / recordsPerSecond,
      bytesPerSecond === undefined ? 0 : bytes / bytesPerSecond,
    );
    this.#paidAt += seconds * 1_000;
  }

  /** How long to wait before the next frame; time that was not used is not saved up. */
  waitMs(now: number): number {
    this.#paidAt = Math.max(this.#paidAt, now);
    return Math.ceil(this.#paidAt - now);
  }
}
