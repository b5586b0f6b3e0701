import type { FrameSummary } from "./frame-summary.ts";

/** Left at a frame of the chain that is settled and forgotten: no digest of a frame is such a text. */
export const LONG_AGO = "long ago";

/** What is still known of a frame that both logs have passed, because a frame that is held follows it. */
export interface ForgottenFrame {
  readonly summary: FrameSummary;
  /** Whether the subscriber's log held it. */
  readonly taken: boolean;
  /** Where it left the chain: a digest, LONG_AGO, or undefined when its own ancestors were not known. */
  readonly leftAt: string | undefined;
}

/** By digest. */
export type Forgotten = ReadonlyMap<string, ForgottenFrame>;
