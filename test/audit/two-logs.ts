import type { FrameSummary } from "../../src/audit/frame-summary.ts";
import { genesis } from "../../src/kernel/chain.ts";
import { digestOf } from "../../src/kernel/digest.ts";

export const AGREEMENT = "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10";

/** One attempt: frames of these sizes are cut from the committed cursor; `written` reach the subscriber's log, `committed` its topic. */
export interface Attempt {
  readonly cuts: readonly number[];
  readonly written: number;
  readonly committed: number;
}

export interface TwoLogs {
  readonly publisher: readonly FrameSummary[];
  readonly subscriber: readonly FrameSummary[];
  readonly committed: { readonly frames: number; readonly records: number };
}

/** Every fifth source record is denied, so that offsets and sequences differ. */
const denied = (offset: number): boolean => offset % 5 === 4;

/** Every seventh source record is a tombstone. */
const erases = (offset: number): boolean => offset % 7 === 3;

/** Both logs of one partition as a link with these attempts would write them. */
export function twoLogs(attempts: readonly Attempt[], partition = 0): TwoLogs {
  const publisher: FrameSummary[] = [];
  const subscriber: FrameSummary[] = [];
  let cursor = { offset: 0, sequence: 0, previous: genesis(AGREEMENT, partition), frames: 0 };
  for (const { cuts, written, committed } of attempts) {
    let at = cursor;
    for (const [index, size] of cuts.entries()) {
      const frame = cut(at, size, partition);
      publisher.push(frame);
      const { firstOffset: _, lastOffset: __, read: ___, denied: ____, ...seen } = frame;
      if (index < written) subscriber.push(seen);
      at = {
        offset: at.offset + size,
        sequence: frame.sequence + frame.count,
        previous: frame.frame,
        frames: at.frames + 1,
      };
      if (index < committed) cursor = at;
    }
  }
  return { publisher, subscriber, committed: { frames: cursor.frames, records: cursor.sequence } };
}

function cut(
  at: { offset: number; sequence: number; previous: string },
  size: number,
  partition: number,
): FrameSummary {
  const offsets = Array.from({ length: size }, (_, index) => at.offset + index);
  const kept = offsets.filter((offset) => !denied(offset));
  const core = {
    partition,
    sequence: at.sequence,
    count: kept.length,
    body: digestOf(kept),
    previous: at.previous,
  };
  return {
    ...core,
    frame: digestOf(core),
    time: "2026-12-01T00:00:00.000Z",
    firstOffset: String(at.offset),
    lastOffset: String(at.offset + size - 1),
    read: size,
    denied: size - kept.length,
    erasures: kept.filter(erases).length,
  };
}
