import { chainName, genesis } from "../kernel/chain.ts";
import type { Decision } from "../kernel/decision.ts";
import type { FrameSummary } from "./frame-summary.ts";

/** Where frames of an agreement begin besides its live stream's own start: a replay, or a partition after a reset. */
export type Beginning =
  | { readonly replay: string }
  | {
      /** When it was, RFC 3339. */
      readonly reset: string;
      readonly partition: number;
      /** What its first frame names as the one before. */
      readonly start: string;
    };

/** Where the frames of a segment begin: they follow each other from there on. */
export interface Head {
  readonly partition: number;
  /** What the first frame names as the one before. */
  readonly start: string;
  /** `replay …` or `reset …`; absent: the live stream from the agreement's start. */
  readonly chain?: string;
}

const DIGITS = 8;

/**
 * The beginning that a decision of one's own log knows of. The other company's word does not count: whoever could say where
 * chains begin anew could hide what was left out.
 */
export function beginningIn(decision: Decision, agreement: string): Beginning | undefined {
  if (decision.agreement !== agreement) return undefined;
  if (decision.replay !== undefined) return { replay: decision.replay };
  if (decision.kind !== "act" || decision.act !== "link.reset") return undefined;
  const { partition, digest: start, time: reset } = decision;
  return partition === undefined || start === undefined ? undefined : { reset, partition, start };
}

/** Where the live stream begins in a partition. */
export const liveHead = (agreement: string, partition: number): Head => ({
  partition,
  start: genesis(agreement, partition),
});

/** Where a partition's frames begin besides; undefined: the beginning is of another partition. */
export function headOf(beginning: Beginning, agreement: string, partition: number): Head | undefined {
  if ("replay" in beginning) {
    const { replay } = beginning;
    const start = genesis(chainName(agreement, replay), partition);
    return { chain: `replay ${replay.slice(0, DIGITS)}`, partition, start };
  }
  const { reset, start } = beginning;
  return beginning.partition === partition ? { chain: `reset ${reset}`, partition, start } : undefined;
}

/**
 * What a frame names as the one before → the start to which that leads; `otherwise` when it leads nowhere. `known` holds that of starts and of
 * frames that are no more among `frames`.
 */
export function rootsOf(
  frames: readonly FrameSummary[],
  known: ReadonlyMap<string, string>,
  otherwise: string,
): ReadonlyMap<string, string> {
  const before = new Map(frames.map(({ frame, previous }) => [frame, previous]));
  const found = new Map(known);
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
