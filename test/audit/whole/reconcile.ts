import { type Discrepancy, discrepancyAt } from "../../../src/audit/discrepancy.ts";
import type { FrameSummary } from "../../../src/audit/frame-summary.ts";
import type {
  PartitionReconciliation,
  Reconciliation,
  SideTotals,
} from "../../../src/audit/reconciliation.ts";
import type { Beginning } from "../../../src/audit/segments.ts";
import { committedChain, departures, frameLog, type Link } from "./chain.ts";
import { type Fault, forks, linkFaults, logFaults, stepFaults, strangers } from "./frame-faults.ts";
import { type Segment, segmentsOf } from "./segments.ts";

/**
 * The reference, for which both logs are in memory: what lets go as it reads is to say the same. Holds the publisher's log of an agreement against the subscriber's, both whole and in the order of their logs. Each chain is held
 * against itself: what came before a reset stays true, and what a replay brought again is no record twice.
 */
export function reconcile(
  agreement: string,
  publisher: readonly FrameSummary[],
  subscriber: readonly FrameSummary[],
  beginnings: readonly Beginning[] = [],
): Reconciliation {
  return reconciliationOf(segmentsOf(agreement, publisher, subscriber, beginnings).map(reconcileSegment));
}

/** What the segments of two logs say together. */
function reconciliationOf(partitions: readonly PartitionReconciliation[]): Reconciliation {
  return { agreed: partitions.every(({ discrepancies }) => discrepancies.length === 0), partitions };
}

/** One of the segments that both logs were cut into. */
function reconcileSegment({ partition, chain: name, start, ...sides }: Segment): PartitionReconciliation {
  const publisher = frameLog(sides.publisher);
  const subscriber = frameLog(sides.subscriber);
  const chain = committedChain(publisher, subscriber, start);
  const head = chain.at(-1)?.frame;
  const onChain = new Set(chain.map(({ frame }) => frame));
  const leftAt = {
    publisher: departures(publisher, subscriber, onChain, start),
    subscriber: departures(subscriber, publisher, onChain, start),
  };
  const named = [
    ...strangers(publisher, subscriber),
    ...linkFaults(chain, subscriber),
    ...stepFaults(chain, name?.startsWith("reset") === true),
    ...logFaults(publisher, subscriber, start),
    ...logFaults(subscriber, publisher, start),
    ...forks(chain, subscriber, leftAt.subscriber, start),
  ];
  return {
    partition,
    ...(name !== undefined && { chain: name }),
    head,
    publisher: totals(chain, "publisher", leftAt.publisher, head ?? start),
    subscriber: totals(chain, "subscriber", leftAt.subscriber, head ?? start),
    offsetsShown: chain.every(
      (link) => link.publisher === undefined || link.publisher.summary.firstOffset !== undefined,
    ),
    discrepancies: once(partition, named),
  };
}

function totals(
  chain: readonly Link[],
  side: "publisher" | "subscriber",
  leftAt: ReadonlyMap<string, string | undefined>,
  head: string,
): SideTotals {
  const held = chain.flatMap((link) => link[side]?.summary ?? []);
  const onChain = new Set(chain.map(({ frame }) => frame));
  const off = [...leftAt].filter(([frame]) => !onChain.has(frame));
  const inFlight = off.filter(([, departure]) => departure === head).length;
  return {
    frames: held.length,
    records: held.reduce((sum, { count }) => sum + count, 0),
    erasures: held.reduce((sum, { erasures = 0 }) => sum + erasures, 0),
    superseded: off.length - inFlight,
    inFlight,
  };
}

/** In the order of the stream, each once. */
function once(partition: number, faults: readonly Fault[]): readonly Discrepancy[] {
  const byKey = new Map(
    faults.map(([name, { frame, sequence }]) => [
      `${name} ${frame}`,
      discrepancyAt(name, { partition, frame, sequence }),
    ]),
  );
  return [...byKey.values()].sort((a, b) => a.sequence - b.sequence);
}
