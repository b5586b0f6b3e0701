import type { SourceBatch, SourceWedge } from "../kernel/ports.ts";

/** A reading for whom all partitions count: one that can't be read on ends it with its error. */
export async function* soundRuns(
  reading: AsyncIterable<SourceBatch | SourceWedge>,
): AsyncGenerator<SourceBatch> {
  for await (const run of reading) {
    if ("error" in run) throw run.error;
    yield run;
  }
}
