import { describe, expect, test } from "vitest";
import type { FrameSummary, Side } from "../../src/audit/frame-summary.ts";
import { type Recent, Segment } from "../../src/audit/segment.ts";
import { liveHead } from "../../src/audit/segments.ts";
import { digestOf } from "../../src/kernel/digest.ts";
import { AGREEMENT, twoLogs } from "./two-logs.ts";

const whole = (cuts: readonly number[]) => ({ cuts, written: cuts.length, committed: cuts.length });
const placed = (frames: readonly FrameSummary[]) => frames.map((summary, place) => ({ summary, place }));
const held = ({ publisher, subscriber }: Record<Side, readonly FrameSummary[]>) => ({
  publisher: placed(publisher),
  subscriber: placed(subscriber),
});
const sequences = (frames: readonly { readonly summary: FrameSummary }[]) =>
  frames.map(({ summary }) => summary.sequence);
const recentFrom = (place: number): Recent => ({ from: { publisher: place, subscriber: place }, newest: 1 });

const logs = twoLogs([whole([5, 5, 5]), { cuts: [5, 5], written: 1, committed: 0 }, whole([3, 4, 4])]);

describe("a segment of which a part is settled", () => {
  test("holds its last settled frame and what is recent, and says the same at its end", () => {
    const segment = new Segment(liveHead(AGREEMENT, 0));
    const rest = segment.settle(held(logs), recentFrom(6));
    expect(sequences(rest.subscriber).length).toBeLessThan(logs.subscriber.length);
    const once = new Segment(liveHead(AGREEMENT, 0)).conclude(held(logs));
    expect(segment.conclude(rest)).toEqual(once);
    expect(once).toMatchObject({ publisher: { frames: 6, superseded: 2 }, discrepancies: [] });
  });

  test("knows a frame whose ancestors were let go, and counts it as sent again", () => {
    const segment = new Segment(liveHead(AGREEMENT, 0));
    const late = { ...(logs.publisher[1] as FrameSummary), frame: digestOf("late") };
    const rest = segment.settle(held({ ...logs, publisher: [...logs.publisher, late] }), recentFrom(6));
    expect(segment.forgottenCount).toBeGreaterThan(0);
    expect(segment.conclude(rest)).toMatchObject({ publisher: { superseded: 3 }, discrepancies: [] });
  });

  test("holds both of two frames that are one under two digests, as long as one is recent", () => {
    const subscriber = logs.subscriber.map((frame, at) =>
      at === 3 ? { ...frame, frame: digestOf("twin") } : frame,
    );
    const segment = new Segment(liveHead(AGREEMENT, 0));
    const recent = { from: { publisher: 99, subscriber: 3 }, newest: 1 };
    const { publisher } = segment.settle(held({ ...logs, subscriber }), recent);
    expect(publisher.map(({ summary }) => summary.body)).toContain(subscriber[3]?.body);
  });
});
