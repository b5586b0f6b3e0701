import { Buffer } from "node:buffer";
import type { Decision, FrameDecision } from "../kernel/decision.ts";

/** Who wrote a log: the one that the frames leave, or the one that takes them. */
export type Side = FrameDecision["side"];

export const SIDES: readonly Side[] = ["publisher", "subscriber"];

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

/** Its characters and no others: a text that was cut out of a larger one keeps all of that in memory. */
const alone = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

/** The same frame, for whoever keeps it longer than what it was read from. */
export function kept(frame: FrameSummary): FrameSummary {
  const { partition, sequence, count, erasures, firstOffset, lastOffset, read, denied } = frame;
  return {
    partition,
    sequence,
    count,
    frame: alone(frame.frame),
    body: alone(frame.body),
    previous: alone(frame.previous),
    time: alone(frame.time),
    ...(erasures !== undefined && { erasures }),
    ...(firstOffset !== undefined && { firstOffset: alone(firstOffset) }),
    ...(lastOffset !== undefined && { lastOffset: alone(lastOffset) }),
    ...(read !== undefined && { read }),
    ...(denied !== undefined && { denied }),
  };
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
  side: Side,
): readonly FrameSummary[] {
  return decisions
    .filter((decision) => decision.kind === "frame")
    .filter((frame) => frame.agreement === agreement && frame.side === side)
    .map(summaryOf);
}
