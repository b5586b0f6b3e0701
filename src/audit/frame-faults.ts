import {
  type CommittedChain,
  type Departures,
  type FrameLog,
  factsOf,
  type Ground,
  type Link,
  type LoggedFrame,
} from "./chain.ts";
import type { DiscrepancyName } from "./discrepancy.ts";
import { LONG_AGO } from "./forgotten.ts";
import type { FrameSummary } from "./frame-summary.ts";

/** A discrepancy, the frame at which it shows, and the frame with which it is settled, where that is another. */
export type Fault = readonly [name: DiscrepancyName, frame: FrameSummary, by?: string];

/** Place in the stream and content: two frames of one imprint are one frame under two digests. */
export const imprint = ({ previous, sequence, count, body }: FrameSummary): string =>
  [previous, sequence, count, body].join(" ");
const imprints = (log: FrameLog): ReadonlySet<string> =>
  new Set([...log.values()].map(({ summary }) => imprint(summary)));

/** The subscriber's frames that the publisher does not know. */
export function strangers(publisher: FrameLog, subscriber: FrameLog): readonly Fault[] {
  const known = imprints(publisher);
  return [...subscriber.values()]
    .filter(({ summary }) => !publisher.has(summary.frame))
    .map(({ summary }) => [known.has(imprint(summary)) ? "frame-differs" : "missing-at-publisher", summary]);
}

/** Member of a summary → what it is called when the two sides name different ones. */
const COMPARED: readonly (readonly [keyof FrameSummary, DiscrepancyName])[] = [
  ["body", "body-differs"],
  ["count", "count-differs"],
  ["sequence", "sequence-differs"],
  ["previous", "previous-differs"],
  ["erasures", "erasures-differ"],
];

/** What one side does not say can't differ. */
const differs = (one: unknown, other: unknown): boolean =>
  one !== undefined && other !== undefined && one !== other;

/** What is wrong with each frame of the chain, seen from both sides. */
export function linkFaults(chain: readonly Link[], subscriber: FrameLog): readonly Fault[] {
  const known = imprints(subscriber);
  return chain.flatMap(({ publisher, subscriber: held }): readonly Fault[] => {
    const sent = publisher?.summary;
    if (sent === undefined) return [];
    if (held === undefined) return known.has(imprint(sent)) ? [] : [["missing-at-subscriber", sent]];
    const taken = held.summary;
    const differing = COMPARED.filter(([member]) => differs(sent[member], taken[member])).map(
      ([, name]): Fault => [name, taken],
    );
    const kept = publisher?.versions.every(keepsCount) ?? true;
    return kept ? differing : [...differing, ["count-differs", sent]];
  });
}

/** Whether a frame holds what was read without what was denied. */
const keepsCount = ({ read, denied, count }: FrameSummary): boolean =>
  read === undefined || denied === undefined || read - denied === count;

/**
 * What is wrong between each frame of the chain and the one before. A stream's first record has sequence 0; a chain that was
 * reset goes on where its subscriber's last record was, which is before the last frame or far behind it.
 */
export function stepFaults(
  chain: readonly Link[],
  isReset: boolean,
  settled: Link | undefined,
): readonly Fault[] {
  return chain.flatMap((link, index): readonly Fault[] => {
    const before = index === 0 ? settled : chain[index - 1];
    const frame = factsOf(link);
    if (frame === undefined) return [];
    const last = before === undefined ? undefined : factsOf(before);
    const first = isReset ? frame.sequence : 0;
    const expected = last === undefined ? first : last.sequence + last.count;
    return [
      ...step(BigInt(frame.sequence) - BigInt(expected), "sequence", frame),
      ...step(offsetStep(before?.publisher, link.publisher), "offset", frame),
    ];
  });
}

function step(distance: bigint, of: "sequence" | "offset", frame: FrameSummary): readonly Fault[] {
  if (distance === 0n) return [];
  return [[distance > 0n ? `${of}-gap` : `${of}-overlap`, frame]];
}

/** Source records between two frames, below zero: in both. Of the versions of each, those that were sent fit. */
function offsetStep(before: LoggedFrame | undefined, after: LoggedFrame | undefined): bigint {
  const ends = before?.versions.flatMap(({ lastOffset }) => offsetOf(lastOffset)) ?? [];
  const begins = after?.versions.flatMap(({ firstOffset }) => offsetOf(firstOffset)) ?? [];
  const steps = ends.flatMap((last) => begins.map((first) => first - last - 1n));
  return steps.includes(0n) ? 0n : (steps.at(-1) ?? 0n);
}

/** The other company's summaries are input: what is no offset is as if it were not shown. */
const offsetOf = (text: string | undefined): readonly bigint[] =>
  text !== undefined && /^[0-9]{1,19}$/.test(text) ? [BigInt(text)] : [];

/** What is wrong with one log in itself. `settled`: how far the chain is, where a part of it was let go. */
export function logFaults(
  log: FrameLog,
  others: FrameLog,
  { start, forgotten }: Ground,
  settled: FrameSummary | undefined,
): readonly Fault[] {
  const isKnown = (frame: string): boolean =>
    frame === start || log.has(frame) || others.has(frame) || forgotten.has(frame);
  const isBehind = ({ sequence }: FrameSummary): boolean =>
    settled !== undefined && sequence < settled.sequence + settled.count;
  return [...log.values()].flatMap(({ summary, first, altered }): readonly Fault[] => {
    const { previous } = summary;
    const before = log.get(previous);
    const faults: Fault[] = [];
    if (altered) faults.push(["frame-altered", summary]);
    if (before !== undefined && before.first > first) faults.push(["order-differs", summary]);
    // The settled frame itself follows one that is let go, and that was looked at when it was there.
    if (!isKnown(previous) && summary.frame !== settled?.frame)
      faults.push([isBehind(summary) ? "too-far-back" : "chain-broken", summary]);
    return faults;
  });
}

/** Frames that were let go before it showed that the chain leads to them. */
export const goneFaults = ({ gone }: CommittedChain): readonly Fault[] =>
  gone.map(([{ summary, taken, leftAt }, by]) => {
    const isOmitted = !taken && leftAt !== LONG_AGO;
    return [isOmitted ? "missing-at-subscriber" : "too-far-back", summary, by];
  });

/**
 * Frames beside the chain that were written after the chain's own frame at the place where they left it. What was cut
 * anew after a crash all stands before its replacement; a frame after it means that somebody went on from both.
 */
export function forks(
  chain: readonly Link[],
  subscriber: FrameLog,
  leftAt: Departures,
  start: string,
): readonly Fault[] {
  const onChain = new Set(chain.map(({ frame }) => frame));
  const followers = new Map(chain.map((link, index) => [chain[index - 1]?.frame ?? start, link.subscriber]));
  return [...subscriber.values()].flatMap(({ summary, last }): readonly Fault[] => {
    if (onChain.has(summary.frame)) return [];
    const departure = leftAt.get(summary.frame);
    if (departure === LONG_AGO) return [["fork", summary]];
    const follower = departure === undefined ? undefined : followers.get(departure);
    return follower !== undefined && last > follower.last ? [["fork", summary]] : [];
  });
}
