import { once } from "node:events";
import type {
  SourceBatch,
  SourcePosition,
  SourceWedge,
  TopicDescription,
  TopicSource,
} from "../../kernel/ports.ts";
import { baseOffsetOf } from "../frames/batch-fields.ts";

/**
 * `source`, read up to `ends` (partition → the offset before which it ends). A batch that begins before the end comes whole. A
 * partition that has reached its end is not read on; when all have, nothing more comes until `signal` aborts.
 */
export const upToEnds = (source: TopicSource, ends: Ends): TopicSource => ({
  describe: async (topic) => await source.describe(topic),
  positions: async (topic, at) => await source.positions(topic, at),
  async *read(topic, from, signal) {
    const places = new Map(
      from.filter((place) => isLeft(place, ends)).map((position) => [position.partition, position]),
    );
    while (places.size > 0 && !signal.aborted) yield* oneRound(source, topic, places, ends, signal);
    if (!signal.aborted) await once(signal, "abort");
  },
});

type Ends = ReadonlyMap<number, bigint>;
const isLeft = ({ partition, offset }: SourcePosition, ends: Ends): boolean =>
  offset < (ends.get(partition) ?? 0n);

/** Until one partition has come to its end: it would be read on for nothing. */
async function* oneRound(
  source: TopicSource,
  topic: TopicDescription,
  places: Map<number, SourcePosition>,
  ends: Ends,
  signal: AbortSignal,
): AsyncGenerator<SourceBatch | SourceWedge> {
  const round = new AbortController();
  try {
    const ending = AbortSignal.any([signal, round.signal]);
    for await (const run of source.read(topic, [...places.values()], ending)) {
      const cut = "error" in run ? run : before(run, ends.get(run.next.partition) ?? 0n);
      const { partition } = "error" in cut ? cut : cut.next;
      const goesOn = !("error" in cut) && isLeft(cut.next, ends);
      if (goesOn) places.set(partition, cut.next);
      else places.delete(partition);
      yield cut;
      if (!goesOn) return;
    }
  } finally {
    round.abort();
  }
}

/** The batches of a run that begin before an offset. */
function before(run: SourceBatch, end: bigint): SourceBatch {
  const at = run.batches.findIndex((batch) => baseOffsetOf(batch) >= end);
  const first = run.batches[at];
  const last = run.end < end ? run.end : end;
  if (first === undefined) return { ...run, end: last };
  return {
    ...run,
    batches: run.batches.slice(0, at),
    next: { ...run.next, offset: baseOffsetOf(first) },
    end: last,
  };
}
