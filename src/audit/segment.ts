import type { FrameLog, LoggedFrame, PlacedFrame } from "./chain.ts";
import { Findings } from "./findings.ts";
import { type Forgotten, type ForgottenFrame, LONG_AGO } from "./forgotten.ts";
import { imprint } from "./frame-faults.ts";
import { type FrameSummary, SIDES, type Side } from "./frame-summary.ts";
import type { PartitionReconciliation } from "./reconciliation.ts";
import { type HeldFrames, lookAt, type SegmentLook } from "./segment-look.ts";
import type { Head } from "./segments.ts";
import { Tally } from "./tally.ts";

/** What is held in any case: a side's frames from this place of its log on, and so many of its newest. */
export interface Recent {
  readonly from: Readonly<Record<Side, number>>;
  readonly newest: number;
}

/**
 * Frames that follow each other from one beginning on, in both logs. The frames themselves are held elsewhere; here is what is
 * left of those that were let go: sums, what did not fit, and the digest at which the chain stands.
 */
export class Segment {
  readonly #head: Head;
  #start: string;
  #forgotten: Forgotten = new Map();
  readonly #tally = new Tally();
  readonly #findings = new Findings();
  /** What was found at the settled frame, which is looked at again. */
  #foundAtStart: ReadonlySet<string> = new Set();

  constructor(head: Head) {
    this.#head = head;
    this.#start = head.start;
  }

  get forgottenCount(): number {
    return this.#forgotten.size;
  }

  /** Whether anything of it was let go: then it counts, also without a frame that is held. */
  get isBegun(): boolean {
    return this.#isBegun;
  }
  #isBegun = false;

  /** Digests that lead to this segment, besides those of the frames that are held. */
  *known(): Generator<string> {
    yield this.#head.start;
    yield this.#start;
    yield* this.#forgotten.keys();
  }

  /** Where its chain stands: the last frame that is settled, or its beginning. */
  get start(): string {
    return this.#start;
  }

  #look(held: HeldFrames): SegmentLook {
    return lookAt(held, {
      start: this.#start,
      forgotten: this.#forgotten,
      isReset: this.#head.chain?.startsWith("reset") === true,
      isSettled: this.#start !== this.#head.start,
    });
  }

  /** Lets go what is old: the chain up to its first recent frame, and what is beside it. Returns what is held on. */
  settle(held: HeldFrames, recent: Recent): HeldFrames {
    const look = this.#look(held);
    const { links } = look.chain;
    const young = youngOf(look.logs, recent);
    const old = links.findIndex(({ frame }) => young.has(frame));
    const settled = links.slice(0, old === -1 ? links.length : old);
    const before = this.#start;
    const start = settled.at(-1)?.frame ?? before;
    const passed = new Set([before, ...settled.map(({ frame }) => frame)]);
    const ahead = new Set(links.slice(settled.length).map(({ frame }) => frame));
    const kept = withTwins(
      new Set([start, ...ahead, ...[...young].filter((frame) => !passed.has(frame))]),
      look.logs,
    );
    const isHeld = (frame: string): boolean => frame === start || (kept.has(frame) && !passed.has(frame));

    this.#tally.settle(settled);
    for (const side of SIDES)
      for (const [frame, leftAt] of look.leftAt[side]) {
        if (isHeld(frame) || passed.has(frame)) continue;
        this.#tally.letGo(side, leftAt !== undefined && isHeld(leftAt) ? leftAt : undefined);
      }
    this.#tally.goOn(isHeld);
    this.#find(look, start, isHeld);
    const rest = {
      publisher: restOf(held.publisher, look.logs.publisher, isHeld, recent.from.publisher),
      subscriber: restOf(held.subscriber, look.logs.subscriber, isHeld, recent.from.subscriber),
    };
    this.#forgotten = this.#forget(look, rest, isHeld, passed);
    this.#isBegun ||=
      rest.publisher.length + rest.subscriber.length < held.publisher.length + held.subscriber.length;
    this.#start = start;
    return rest;
  }

  /** Notes what shows at frames that are let go, and at the one that is looked at again as the settled one. */
  #find({ faults }: SegmentLook, start: string, isHeld: (frame: string) => boolean): void {
    const foundAtStart = new Set(start === this.#start ? this.#foundAtStart : []);
    for (const fault of faults) {
      const key = Findings.keyOf(fault);
      const at = fault[2] ?? fault[1].frame;
      if (this.#foundAtStart.has(key) || (isHeld(at) && at !== start)) continue;
      this.#findings.add(fault);
      if (at === start) foundAtStart.add(key);
    }
    this.#foundAtStart = foundAtStart;
  }

  /** Of what is let go, what frames name as the one before that are held. */
  #forget(
    { logs, leftAt }: SegmentLook,
    rest: HeldFrames,
    isHeld: (frame: string) => boolean,
    passed: ReadonlySet<string>,
  ): Forgotten {
    const describe = (frame: string): ForgottenFrame | undefined => {
      if (frame === this.#head.start)
        return { summary: beginningOf(this.#head), taken: false, leftAt: LONG_AGO };
      const known = this.#forgotten.get(frame);
      const summary = (logs.subscriber.get(frame) ?? logs.publisher.get(frame))?.summary ?? known?.summary;
      if (summary === undefined) return undefined;
      const left = known?.leftAt ?? leftAt.subscriber.get(frame) ?? leftAt.publisher.get(frame);
      const place = left === undefined || (isHeld(left) && !passed.has(frame)) ? left : LONG_AGO;
      return { summary, taken: known?.taken ?? logs.subscriber.has(frame), leftAt: place };
    };
    const forgotten = new Map<string, ForgottenFrame>();
    for (const side of SIDES)
      for (const { summary } of rest[side]) {
        const { previous } = summary;
        // What is before the settled frame was looked at with it.
        if (isHeld(previous) || forgotten.has(previous)) continue;
        const known = describe(previous);
        if (known !== undefined) forgotten.set(previous, known);
      }
    return forgotten;
  }

  /** What both logs say, once all of them was read and `held` is what is left. */
  conclude(held: HeldFrames): PartitionReconciliation {
    const { partition, chain } = this.#head;
    const { chain: committed, leftAt, faults } = this.#look(held);
    const { links } = committed;
    const onChain = new Set(links.map(({ frame }) => frame));
    const end = links.at(-1)?.frame ?? this.#start;
    this.#tally.settle(links);
    for (const side of SIDES)
      for (const [frame, left] of leftAt[side])
        if (!onChain.has(frame) && !(frame === this.#start && frame !== this.#head.start))
          this.#tally.letGo(side, left);
    for (const fault of faults) if (!this.#foundAtStart.has(Findings.keyOf(fault))) this.#findings.add(fault);
    const isAtEnd = (frame: string): boolean =>
      frame === end ||
      (!onChain.has(frame) && (leftAt.publisher.get(frame) ?? leftAt.subscriber.get(frame)) === end);
    return {
      partition,
      ...(chain !== undefined && { chain }),
      head: end === this.#head.start ? undefined : end,
      publisher: this.#tally.totals("publisher", isAtEnd),
      subscriber: this.#tally.totals("subscriber", isAtEnd),
      offsetsShown: this.#tally.offsetsShown,
      ...this.#findings.told(),
    };
  }
}

/** Digests of recent frames, and of their twins. */
function youngOf(logs: SegmentLook["logs"], { from, newest }: Recent): ReadonlySet<string> {
  const recent = SIDES.flatMap((side) => {
    const frames = [...logs[side]];
    const isRecent = (first: number, index: number): boolean =>
      first >= from[side] || index >= frames.length - newest;
    return frames.filter(([, { first }], index) => isRecent(first, index)).map(([frame]) => frame);
  });
  return withTwins(new Set(recent), logs);
}

/** One frame under two digests stands in one log each: what it is shows as long as both are there. */
function withTwins(digests: ReadonlySet<string>, logs: SegmentLook["logs"]): ReadonlySet<string> {
  const lone = SIDES.flatMap((side) =>
    [...logs[side]].filter(([frame]) => !logs[side === "publisher" ? "subscriber" : "publisher"].has(frame)),
  );
  const wanted = new Set(
    lone.flatMap(([frame, { summary }]) => (digests.has(frame) ? imprint(summary) : [])),
  );
  const twins = lone.filter(([, { summary }]) => wanted.has(imprint(summary)));
  return new Set([...digests, ...twins.map(([frame]) => frame)]);
}

/** The frames that are held on; of one that stands there often, what says something. */
function restOf(
  frames: readonly PlacedFrame[],
  log: FrameLog,
  isHeld: (frame: string) => boolean,
  from: number,
): readonly PlacedFrame[] {
  const says = ({ summary, place }: PlacedFrame, { first, last, summary: original }: LoggedFrame): boolean =>
    place >= from || place === first || place === last || !isCopy(summary, original);
  return frames.filter((frame) => {
    const logged = log.get(frame.summary.frame);
    return logged !== undefined && isHeld(frame.summary.frame) && says(frame, logged);
  });
}

const COMPARED = [
  "body",
  "previous",
  "sequence",
  "count",
  "erasures",
  "firstOffset",
  "lastOffset",
  "read",
  "denied",
] as const;
const isCopy = (one: FrameSummary, other: FrameSummary): boolean =>
  COMPARED.every((member) => one[member] === other[member]);

/** The place before a chain's first frame, for who looks it up as a frame. */
const beginningOf = ({ partition, start }: Head): FrameSummary => ({
  partition,
  sequence: 0,
  count: 0,
  frame: start,
  body: "",
  previous: "",
  time: "",
});
