import type { FrameSummary } from "../../../src/audit/frame-summary.ts";
import type { Beginning } from "../../../src/audit/segments.ts";
import { chainName, genesis } from "../../../src/kernel/chain.ts";

/** Frames that follow each other from one beginning on. */
export interface Segment {
  readonly partition: number;
  /** What the first frame names as the one before. */
  readonly start: string;
  /** `replay …` or `reset …`; absent: the live stream from the agreement's start. */
  readonly chain?: string;
  readonly publisher: readonly FrameSummary[];
  readonly subscriber: readonly FrameSummary[];
}

const DIGITS = 8;

/**
 * Both logs of an agreement, cut where chains begin: by partition, and for each the live stream from its start, then the others
 * in the order in which they are known. A frame that leads to no beginning is of the first.
 */
export function segmentsOf(
  agreement: string,
  publisher: readonly FrameSummary[],
  subscriber: readonly FrameSummary[],
  beginnings: readonly Beginning[],
): readonly Segment[] {
  const numbers = new Set([...publisher, ...subscriber].map(({ partition }) => partition));
  return [...numbers]
    .sort((a, b) => a - b)
    .flatMap((partition) => {
      const of = (side: readonly FrameSummary[]) => side.filter((frame) => frame.partition === partition);
      const first = { partition, start: genesis(agreement, partition) };
      const others = beginnings.flatMap((each) => headOf(each, agreement, partition));
      const once = new Map(others.map((head) => [head.start, head]));
      return cut({ publisher: of(publisher), subscriber: of(subscriber) }, [first, ...once.values()]);
    });
}

function headOf(beginning: Beginning, agreement: string, partition: number): readonly Head[] {
  if ("replay" in beginning) {
    const { replay } = beginning;
    const start = genesis(chainName(agreement, replay), partition);
    return [{ chain: `replay ${replay.slice(0, DIGITS)}`, partition, start }];
  }
  const { reset, start } = beginning;
  return beginning.partition === partition ? [{ chain: `reset ${reset}`, partition, start }] : [];
}

type Sides = Pick<Segment, "publisher" | "subscriber">;
type Head = Pick<Segment, "chain" | "partition" | "start">;

function cut({ publisher, subscriber }: Sides, heads: readonly [Head, ...Head[]]): readonly Segment[] {
  const [first] = heads;
  if (heads.length === 1) return [{ ...first, publisher, subscriber }];
  const rootOf = roots([...publisher, ...subscriber], new Set(heads.map(({ start }) => start)), first.start);
  return heads.flatMap((head) => {
    const isOf = (frame: FrameSummary): boolean => rootOf.get(frame.previous) === head.start;
    const sides = { publisher: publisher.filter(isOf), subscriber: subscriber.filter(isOf) };
    return sides.publisher.length + sides.subscriber.length === 0 ? [] : [{ ...head, ...sides }];
  });
}

/** What a frame names as the one before → where that leads in the end; `otherwise` when it leads nowhere. */
function roots(
  frames: readonly FrameSummary[],
  starts: ReadonlySet<string>,
  otherwise: string,
): ReadonlyMap<string, string> {
  const before = new Map(frames.map(({ frame, previous }) => [frame, previous]));
  const found = new Map([...starts].map((start) => [start, start]));
  for (const { previous } of frames) {
    const way: string[] = [];
    const walked = new Set<string>();
    let at: string | undefined = previous;
    while (at !== undefined && !found.has(at) && !walked.has(at)) {
      walked.add(at);
      way.push(at);
      at = before.get(at);
    }
    const root = (at === undefined ? undefined : found.get(at)) ?? otherwise;
    for (const each of way) found.set(each, root);
  }
  return found;
}
