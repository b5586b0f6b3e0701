import type { SourceBatch, SourceWedge, TopicSource } from "../../src/kernel/ports.ts";

/** The same source, which uses the memory of a run for something else as soon as it is released. */
export const forgetful = (source: TopicSource): TopicSource => ({
  describe: async (topic) => await source.describe(topic),
  positions: async (topic, at) => await source.positions(topic, at),
  read: async function* (...asked): AsyncGenerator<SourceBatch | SourceWedge> {
    for await (const run of source.read(...asked)) yield "error" in run ? run : lent(run);
  },
});

function lent(run: SourceBatch): SourceBatch {
  const batches = run.batches.map((batch) => Uint8Array.from(batch));
  const release = (): void => {
    for (const batch of batches) batch.fill(0xff);
  };
  return { ...run, batches, release };
}
