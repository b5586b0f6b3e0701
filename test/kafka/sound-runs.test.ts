import { expect, test } from "vitest";
import { soundRuns } from "../../src/kafka/sound-runs.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { SourceBatch, SourceWedge } from "../../src/kernel/ports.ts";

const at = { partition: 0, offset: 0n, leaderEpoch: 0 };
const run: SourceBatch = { from: at, next: at, batches: [], end: 0n };

async function* reading(...given: (SourceBatch | SourceWedge)[]): AsyncGenerator<SourceBatch | SourceWedge> {
  yield* given;
}

test("runs come through, and a partition that can't be read on ends the reading", async () => {
  const seen: SourceBatch[] = [];
  const error = new MeshError("SOURCE_CORRUPT", "A batch fails its checksum.");
  const reader = async (): Promise<void> => {
    for await (const one of soundRuns(reading(run, { partition: 1, error }, run))) seen.push(one);
  };
  await expect(reader()).rejects.toBe(error);
  expect(seen).toEqual([run]);
});
