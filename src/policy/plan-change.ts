import type { Comparison } from "./narrower.ts";

/**
 * `widened`: more may leave; `changed`: it can't be shown that no more leaves; `narrowed`: less leaves; `neutral`: no more and no
 * less, but otherwise.
 */
export type Direction = Exclude<Comparison, "same"> | "neutral";

/** What it is to a subscriber. `breaking`: a reader of the old records can fail, or take one thing for another. */
export type Verdict = "breaking" | "widening" | "narrowing" | "neutral";

/** One thing in which two plans differ. Holds what rules say, never a value of a record. */
export interface PlanChange {
  /** Path in the contract; or `key`, `headers/NAME`, `attributes/NAME`, `limits/bytesMax` and the like. */
  readonly place: string;
  /** Of a field `action`, `screens`, or the keyword of its check; else `terms`. */
  readonly aspect: string;
  readonly direction: Direction;
  readonly verdict: Verdict;
  readonly before: Said;
  readonly after: Said;
}

/** What a plan says there, in short words, and by which rule; undefined: the plan does not keep whose rule it is. */
export interface Said {
  readonly says: string;
  readonly by: string | undefined;
}
