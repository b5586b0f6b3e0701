import { MeshError } from "../kernel/error.ts";
import type { SourceBatch, SourceWedge } from "../kernel/ports.ts";
import type { Admitted } from "../mesh/admit.ts";
import type { Place } from "./progress.ts";
import type { Publication } from "./publication.ts";
import { TICK } from "./pump.ts";

/** A run that was decided beside the loop, and what it was decided by. */
export interface AdmittedRun {
  /** Its bytes may be other records' by now. */
  readonly batch: Pick<SourceBatch, "from" | "next">;
  readonly place: Place;
  readonly admitted: Admitted;
  readonly publication: Publication;
}

type Incoming = SourceBatch | SourceWedge | typeof TICK;
type Ready = AdmittedRun | Incoming;

/** So many runs may be decided at a time. */
const AHEAD_MAX = 8;

/**
 * The same runs in the same order, each with what `admit` makes of it; several are under way at a time. A run that can't be
 * decided because its batch is not sound ends its partition, as if the source had said so.
 */
export async function* admittedRuns(
  runs: AsyncIterable<Incoming>,
  admit: (batch: SourceBatch) => Promise<AdmittedRun>,
): AsyncGenerator<Ready> {
  const iterator = runs[Symbol.asyncIterator]();
  const queue: Promise<{ readonly ready: Ready }>[] = [];
  const take = async (): Promise<{ readonly taken: IteratorResult<Incoming> }> => ({
    taken: await iterator.next(),
  });
  let next = take();
  try {
    for (;;) {
      const [head] = queue;
      const first = await Promise.race([
        ...(head ? [head] : []),
        ...(queue.length < AHEAD_MAX ? [next] : []),
      ]);
      if ("ready" in first) {
        void queue.shift();
        yield first.ready;
        continue;
      }
      if (first.taken.done === true) break;
      queue.push(readyOf(first.taken.value, admit));
      next = take();
    }
    for (const rest of queue) yield (await rest).ready;
  } finally {
    next.catch(() => undefined);
    for (const rest of queue) rest.catch(() => undefined);
    iterator.return?.()?.catch(() => undefined);
  }
}

async function readyOf(
  run: Incoming,
  admit: (batch: SourceBatch) => Promise<AdmittedRun>,
): Promise<{ readonly ready: Ready }> {
  if (run === TICK || "error" in run) return { ready: run };
  try {
    return { ready: await admit(run) };
  } catch (error) {
    const wedge = wedgeOf(run.from.partition, error);
    if (wedge === undefined) throw error;
    return { ready: wedge };
  }
}

const UNSOUND: ReadonlySet<string> = new Set(["SOURCE_CORRUPT", "SOURCE_CODEC"]);

/** What concerns one partition; undefined: the whole stream. */
export const wedgeOf = (partition: number, error: unknown): SourceWedge | undefined =>
  error instanceof MeshError && UNSOUND.has(error.code) ? { partition, error } : undefined;
