import {
  type CommittedChain,
  committedChain,
  type Departures,
  departures,
  type FrameLog,
  factsOf,
  frameLog,
  type Ground,
  type Link,
  type PlacedFrame,
} from "./chain.ts";
import {
  type Fault,
  forks,
  goneFaults,
  linkFaults,
  logFaults,
  stepFaults,
  strangers,
} from "./frame-faults.ts";
import type { Side } from "./frame-summary.ts";

/** The frames of a segment that are held, each side's in the order of its log. */
export type HeldFrames = Readonly<Record<Side, readonly PlacedFrame[]>>;

/** What both logs of a segment say, as far as they are held. */
export interface SegmentLook {
  readonly logs: Readonly<Record<Side, FrameLog>>;
  readonly chain: CommittedChain;
  readonly leftAt: Readonly<Record<Side, Departures>>;
  readonly faults: readonly Fault[];
}

export interface SegmentGround extends Ground {
  /** A chain that was reset begins at any sequence. */
  readonly isReset: boolean;
  /** `start` is a frame, the last one that is settled; it is held still. */
  readonly isSettled: boolean;
}

/** Holds what is held of two logs against each other, from the segment's ground on. */
export function lookAt(held: HeldFrames, ground: SegmentGround): SegmentLook {
  const { start, isReset, isSettled } = ground;
  const [publisher, subscriber] = [frameLog(held.publisher), frameLog(held.subscriber)];
  const last: Link = { frame: start, publisher: publisher.get(start), subscriber: subscriber.get(start) };
  const settled = isSettled ? last : undefined;
  const chain = committedChain(publisher, subscriber, ground);
  const { links } = chain;
  const onChain = new Set(links.map(({ frame }) => frame));
  const leftAt = {
    publisher: departures(publisher, subscriber, onChain, ground),
    subscriber: departures(subscriber, publisher, onChain, ground),
  };
  const facts = settled && factsOf(settled);
  const faults = [
    ...strangers(publisher, subscriber),
    ...linkFaults(links, subscriber),
    ...stepFaults(links, isReset, settled),
    ...goneFaults(chain),
    ...logFaults(publisher, subscriber, ground, facts),
    ...logFaults(subscriber, publisher, ground, facts),
    // The settled frame is on the chain, though it is not among what is still looked at.
    ...forks(links, subscriber, leftAt.subscriber, start).filter(([, { frame }]) => frame !== facts?.frame),
  ];
  return { logs: { publisher, subscriber }, chain, leftAt, faults };
}
