import type { Decision, FrameDecision } from "../kernel/decision.ts";

/** What reconciliation needs to know of a frame: digests and counts, nothing that the other company may not see. */
export interface FrameSummary {
  readonly partition: number;
  /** Of the frame's first record; `count` records follow. */
  readonly sequence: number;
  readonly count: number;
  /** `sha-256:` and hex each. */
  readonly frame: string;
  readonly body: string;
  readonly previous: string;
  /** RFC 3339. */
  readonly time: string;
  /** Tombstones that left, or were stored; a log from before they were counted does not say. */
  readonly erasures?: number;
  /** The publisher's own; left out of what it shows to the subscriber, because offsets tell of what was not shared. */
  readonly firstOffset?: string;
  readonly lastOffset?: string;
  readonly read?: number;
  readonly denied?: number;
}

function summaryOf(frame: FrameDecision): FrameSummary {
  const { partition, sequence, count, body, previous, time, summary } = frame;
  const erasures = frame.erasures ?? summary?.erasures;
  const seen = {
    partition,
    sequence,
    count,
    frame: frame.frame,
    body,
    previous,
    time,
    ...(erasures !== undefined && { erasures }),
  };
  if (summary === undefined) return seen;
  const { firstOffset, lastOffset, read, denied } = summary;
  return { ...seen, firstOffset, lastOffset, read, denied };
}

/** The frames of an agreement that one side decided on, in the order of its log. */
export function frameSummaries(
  decisions: readonly Decision[],
  agreement: string,
  side: FrameDecision["side"],
): readonly FrameSummary[] {
  return decisions
    .filter((decision) => decision.kind === "frame")
    .filter((frame) => frame.agreement === agreement && frame.side === side)
    .map(summaryOf);
}
