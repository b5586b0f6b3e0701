import type { FrameSummary } from "../../../src/audit/frame-summary.ts";

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
export function frameLog(frames: readonly FrameSummary[]): FrameLog {
  const log = new Map<string, LoggedFrame>();
  for (const [place, summary] of frames.entries()) {
    const known = log.get(summary.frame);
    log.set(summary.frame, {
      summary: known?.summary ?? summary,
      versions: [...(known?.versions ?? []), summary],
      first: known?.first ?? place,
      last: place,
      altered: known !== undefined && (known.altered || !same(known.summary, summary)),
    });
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

/**
 * The chain that the subscriber committed, from its beginning to the newest frame. The subscriber writes its decision
 * before it commits, so after a crash frames may stand in its log that were never committed; but what it pulled next
 * follows the frame that was, so whatever leads to its newest frame counts and nothing else does. A frame that only the
 * publisher knows is passed through; where neither knows the frame before, the walk goes on at the nearest older frame,
 * so that what is wrong further back is found as well.
 */
export function committedChain(publisher: FrameLog, subscriber: FrameLog, start: string): readonly Link[] {
  const links: Link[] = [];
  const passed = new Set<string>();
  const known = (frame: string) => frame === start || publisher.has(frame) || subscriber.has(frame);
  let next = newest(subscriber)?.frame;
  while (next !== undefined && next !== start && !passed.has(next)) {
    passed.add(next);
    const link = { frame: next, publisher: publisher.get(next), subscriber: subscriber.get(next) };
    links.push(link);
    const claims = [link.subscriber, link.publisher].flatMap((side) => side?.summary.previous ?? []);
    next = claims.find(known) ?? nearestBefore(subscriber, factsOf(link), passed);
  }
  return links.reverse();
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

/**
 * Where each frame of a log leaves the chain: the digest of the chain's frame that it descends from (itself when it is
 * on the chain), `start`, or undefined when its ancestors are not known.
 */
export function departures(
  log: FrameLog,
  others: FrameLog,
  onChain: ReadonlySet<string>,
  start: string,
): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (const frame of log.keys()) {
    const way: string[] = [];
    const walked = new Set<string>();
    let at: string | undefined = frame;
    while (at !== undefined && at !== start && !onChain.has(at) && !found.has(at) && !walked.has(at)) {
      walked.add(at);
      way.push(at);
      at = (log.get(at) ?? others.get(at))?.summary.previous;
    }
    const departure =
      at === undefined || at === start || onChain.has(at) ? at : walked.has(at) ? undefined : found.get(at);
    found.set(frame, departure);
    for (const each of way) found.set(each, departure);
  }
  return found;
}
