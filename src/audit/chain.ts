import { type Forgotten, type ForgottenFrame, LONG_AGO } from "./forgotten.ts";
import type { FrameSummary } from "./frame-summary.ts";

/** A frame as it stands in one side's log; `place` counts the log's frames of the agreement from 0. */
export interface PlacedFrame {
  readonly summary: FrameSummary;
  readonly place: number;
}

/** A frame in one side's log, with its first and last place there: a frame sent again unchanged stands twice. */
export interface LoggedFrame {
  readonly summary: FrameSummary;
  /** All that the log holds: a frame that was cut anew is the same frame when only the denials around it differ. */
  readonly versions: readonly FrameSummary[];
  readonly first: number;
  readonly last: number;
  /** The log holds another decision under the same digest. */
  readonly altered: boolean;
}

/** One side's frames of one partition, by digest, in the order of their first place. */
export type FrameLog = ReadonlyMap<string, LoggedFrame>;

const same = (a: FrameSummary, b: FrameSummary): boolean =>
  a.body === b.body && a.previous === b.previous && a.sequence === b.sequence && a.count === b.count;

/** `frames` in the order of the log. */
export function frameLog(frames: readonly PlacedFrame[]): FrameLog {
  const log = new Map<string, LoggedFrame & { versions: FrameSummary[]; last: number; altered: boolean }>();
  for (const { summary, place } of frames) {
    const known = log.get(summary.frame);
    if (known === undefined) {
      log.set(summary.frame, { summary, versions: [summary], first: place, last: place, altered: false });
      continue;
    }
    known.versions.push(summary);
    known.last = place;
    known.altered ||= !same(known.summary, summary);
  }
  return log;
}

/** The newest frame of a log: where the chain that counts ends. */
function newest(log: FrameLog): FrameSummary | undefined {
  let head: LoggedFrame | undefined;
  for (const frame of log.values()) if (head === undefined || frame.last > head.last) head = frame;
  return head?.summary;
}

/** A frame of the chain as each side knows it; at least one does. */
export interface Link {
  readonly frame: string;
  readonly publisher: LoggedFrame | undefined;
  readonly subscriber: LoggedFrame | undefined;
}

/** What a link says of itself: as the subscriber has it, else as the publisher has it. */
export function factsOf(link: Link): FrameSummary | undefined {
  return link.subscriber?.summary ?? link.publisher?.summary;
}

/** Where both logs of a segment begin: at the start of a chain, or at the last frame of it that is settled. */
export interface Ground {
  readonly start: string;
  readonly forgotten: Forgotten;
}

/** The chain that was committed, and each forgotten frame to which it leads, with the link by which it does. */
export interface CommittedChain {
  readonly links: readonly Link[];
  readonly gone: readonly (readonly [gone: ForgottenFrame, by: string])[];
}

/** So often the walk goes on behind a break: looking for the place is work, and every break is named all the same. */
const BREAKS_MAX = 64;

/**
 * The chain that the subscriber committed, from its beginning to the newest frame. The subscriber writes its decision
 * before it commits, so after a crash frames may stand in its log that were never committed; but what it pulled next
 * follows the frame that was, so whatever leads to its newest frame counts and nothing else does. A frame that only the
 * publisher knows is passed through; where neither knows the frame before, the walk goes on at the nearest older frame,
 * so that what is wrong further back is found as well.
 */
export function committedChain(publisher: FrameLog, subscriber: FrameLog, ground: Ground): CommittedChain {
  const { start, forgotten } = ground;
  const links: Link[] = [];
  const gone: (readonly [ForgottenFrame, string])[] = [];
  const passed = new Set<string>();
  const isKnown = (frame: string): boolean =>
    frame === start || publisher.has(frame) || subscriber.has(frame) || forgotten.has(frame);
  let breaks = 0;
  const behindBreak = (frame: FrameSummary | undefined): string | undefined =>
    breaks++ < BREAKS_MAX ? nearestBefore(subscriber, frame, passed) : undefined;
  let next = newest(subscriber)?.frame;
  while (next !== undefined && next !== start && next !== LONG_AGO && !passed.has(next)) {
    passed.add(next);
    const link: Link = { frame: next, publisher: publisher.get(next), subscriber: subscriber.get(next) };
    const facts = factsOf(link);
    const left = facts === undefined ? forgotten.get(next) : undefined;
    if (left !== undefined) {
      gone.push([left, links.at(-1)?.frame ?? next]);
      next = left.leftAt ?? behindBreak(left.summary);
      continue;
    }
    links.push(link);
    const claims = [link.subscriber, link.publisher].flatMap((side) => side?.summary.previous ?? []);
    next = claims.find(isKnown) ?? behindBreak(facts);
  }
  return { links: links.reverse(), gone };
}

function nearestBefore(
  log: FrameLog,
  frame: FrameSummary | undefined,
  passed: ReadonlySet<string>,
): string | undefined {
  let nearest: FrameSummary | undefined;
  for (const { summary } of log.values()) {
    const older = frame !== undefined && summary.sequence + summary.count <= frame.sequence;
    if (!older || passed.has(summary.frame)) continue;
    if (nearest === undefined || summary.sequence >= nearest.sequence) nearest = summary;
  }
  return nearest?.frame;
}

/** Frame of a log → where it leaves the chain. */
export type Departures = ReadonlyMap<string, string | undefined>;

/**
 * Where each frame of a log leaves the chain: the digest of the chain's frame that it descends from (itself when it is
 * on the chain), `start`, LONG_AGO, or undefined when its ancestors are not known.
 */
export function departures(
  log: FrameLog,
  others: FrameLog,
  onChain: ReadonlySet<string>,
  { start, forgotten }: Ground,
): Departures {
  const found = new Map<string, string | undefined>();
  const isPlace = (at: string): boolean => at === start || at === LONG_AGO || onChain.has(at);
  for (const frame of log.keys()) {
    const way: string[] = [];
    const walked = new Set<string>();
    let at: string | undefined = frame;
    while (at !== undefined && !isPlace(at) && !found.has(at) && !walked.has(at)) {
      walked.add(at);
      const held: LoggedFrame | undefined = log.get(at) ?? others.get(at);
      // What is forgotten was counted when it was let go.
      if (held !== undefined) way.push(at);
      at = held === undefined ? forgotten.get(at)?.leftAt : held.summary.previous;
    }
    const departure = at === undefined || isPlace(at) ? at : walked.has(at) ? undefined : found.get(at);
    found.set(frame, departure);
    for (const each of way) found.set(each, departure);
  }
  return found;
}
