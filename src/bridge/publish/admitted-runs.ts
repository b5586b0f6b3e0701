import { MeshError } from "../../kernel/error.ts";
import type { SourceBatch, SourceWedge } from "../../kernel/ports.ts";
import type { AdmittedPart } from "../../mesh/admit-parts.ts";
import { inOrder } from "../in-order.ts";
import type { Place } from "../links/progress.ts";
import { TICK } from "../pump.ts";
import type { Publication } from "./publication.ts";

/** A run that was decided beside the loop, and what it was decided by. */
export interface AdmittedRun {
  readonly place: Place;
  /** In their order; its bytes may be other records' by now. */
  readonly parts: readonly AdmittedPart[];
  readonly publication: Publication;
}

type Incoming = SourceBatch | SourceWedge | typeof TICK;
type Ready = AdmittedRun | Incoming;

/** So many runs may be decided at a time. */
const AHEAD_MAX = 4;

/**
 * The same runs in the same order, each with what `admit` makes of it; several are under way at a time. A run that can't be
 * decided because its batch is not sound ends its partition, as if the source had said so.
 */
export const admittedRuns = (
  runs: AsyncIterable<Incoming>,
  admit: (batch: SourceBatch) => Promise<AdmittedRun>,
): AsyncGenerator<Ready> => inOrder(runs, async (run) => await readyOf(run, admit), AHEAD_MAX);

async function readyOf(run: Incoming, admit: (batch: SourceBatch) => Promise<AdmittedRun>): Promise<Ready> {
  if (run === TICK || "error" in run) return run;
  try {
    return await admit(run);
  } catch (error) {
    const wedge = wedgeOf(run.from.partition, error);
    if (wedge === undefined) throw error;
    return wedge;
  }
}

const UNSOUND: ReadonlySet<string> = new Set(["SOURCE_CORRUPT", "SOURCE_CODEC"]);

/** What concerns one partition; undefined: the whole stream. */
export const wedgeOf = (partition: number, error: unknown): SourceWedge | undefined =>
  error instanceof MeshError && UNSOUND.has(error.code) ? { partition, error } : undefined;
