import type { Discrepancy } from "./discrepancy.ts";
import type { Side } from "./frame-summary.ts";

/** What two logs of one agreement say together. */
export interface Reconciliation {
  /** Both were compared to their ends, and nothing stands against it in any partition. */
  readonly agreed: boolean;
  /** Why the comparison ended before the logs did; absent: it did not. */
  readonly stopped?: string;
  readonly partitions: readonly PartitionReconciliation[];
}

/** One partition: what was committed, what was not, and what does not fit. */
export interface PartitionReconciliation extends Readonly<Record<Side, SideTotals>> {
  readonly partition: number;
  /** `replay …` or `reset …`: the frames of a chain that began there; absent: of the live stream from its start. */
  readonly chain?: string;
  /** Digest of the subscriber's newest frame. */
  readonly head: string | undefined;
  /** Whether the publisher showed its source offsets, so that a passed-over record would have been seen. */
  readonly offsetsShown: boolean;
  readonly discrepancies: readonly Discrepancy[];
  /** Discrepancies that were found besides, where there are more than a result lists; absent: none. */
  readonly unlisted?: number;
}

export interface SideTotals {
  /** Frames and records on the committed chain. */
  readonly frames: number;
  readonly records: number;
  /** Tombstones among them: what the publisher sent to be deleted, and what the subscriber acknowledges. */
  readonly erasures: number;
  /** Frames that were decided, and then cut and sent anew after an interruption. */
  readonly superseded: number;
  /** Frames after the subscriber's newest. */
  readonly inFlight: number;
}
