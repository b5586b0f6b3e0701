import type { PlacedFrame } from "./chain.ts";
import { SIDES, type Side } from "./frame-summary.ts";
import type { PartitionReconciliation } from "./reconciliation.ts";
import { type Recent, Segment } from "./segment.ts";
import type { HeldFrames } from "./segment-look.ts";
import { type Head, rootsOf } from "./segments.ts";

type Shared = readonly (readonly [segment: Segment, held: HeldFrames])[];

/** One partition in both logs: the frames that are held, and its segments, the live stream's first. */
export class HeldPartition {
  #held: Record<Side, PlacedFrame[]> = { publisher: [], subscriber: [] };
  /** By where they begin, in the order in which that is known. */
  readonly #segments: Map<string, Segment>;
  readonly #live: Segment;
  readonly #liveStart: string;

  constructor(live: Head) {
    this.#live = new Segment(live);
    this.#liveStart = live.start;
    this.#segments = new Map([[live.start, this.#live]]);
  }

  get segmentCount(): number {
    return this.#segments.size;
  }

  /** Frames that are held. */
  get heldCount(): number {
    const { publisher, subscriber } = this.#held;
    return publisher.length + subscriber.length;
  }

  /** Digests of forgotten frames that are known still: never more than frames are held. */
  get forgottenCount(): number {
    return [...this.#segments.values()].reduce((sum, { forgottenCount }) => sum + forgottenCount, 0);
  }

  begin(head: Head): void {
    if (!this.#segments.has(head.start)) this.#segments.set(head.start, new Segment(head));
  }

  take(side: Side, frame: PlacedFrame): void {
    this.#held[side].push(frame);
  }

  /** Lets go of what both logs have passed. */
  settle(recent: Recent): void {
    const rest: Record<Side, PlacedFrame[]> = { publisher: [], subscriber: [] };
    for (const [segment, held] of this.#shared()) {
      if (held.publisher.length + held.subscriber.length === 0) continue;
      const kept = segment.settle(held, recent);
      for (const side of SIDES) for (const frame of kept[side]) rest[side].push(frame);
    }
    for (const side of SIDES) rest[side].sort((a, b) => a.place - b.place);
    this.#held = rest;
  }

  /** Each segment that has frames, once both logs are read. */
  conclude(): readonly PartitionReconciliation[] {
    return this.#shared()
      .filter(([segment, { publisher, subscriber }]) => {
        return segment.isBegun || publisher.length + subscriber.length > 0;
      })
      .map(([segment, held]) => segment.conclude(held));
  }

  /** The frames that are held, cut where chains begin. One that leads to no beginning is of the live stream. */
  #shared(): Shared {
    if (this.#segments.size === 1) return [[this.#live, this.#held]];
    const known = new Map<string, string>();
    for (const [start, segment] of this.#segments)
      for (const frame of segment.known()) known.set(frame, start);
    const { publisher, subscriber } = this.#held;
    const frames = [...publisher, ...subscriber].map(({ summary }) => summary);
    const roots = rootsOf(frames, known, this.#liveStart);
    const shares = new Map<string, Record<Side, PlacedFrame[]>>();
    for (const start of this.#segments.keys()) shares.set(start, { publisher: [], subscriber: [] });
    const settled = new Map([...this.#segments].map(([start, { start: at }]) => [at, start]));
    for (const side of SIDES)
      for (const frame of this.#held[side]) {
        const { frame: digest, previous } = frame.summary;
        const start = settled.get(digest) ?? roots.get(previous) ?? this.#liveStart;
        shares.get(start)?.[side].push(frame);
      }
    return [...this.#segments].map(([start, segment]) => [
      segment,
      shares.get(start) ?? { publisher: [], subscriber: [] },
    ]);
  }
}
