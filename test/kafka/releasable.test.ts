import { describe, expect, it } from "vitest";
import { releasable } from "../../src/kafka/releasable.ts";
import { MeshError } from "../../src/kernel/error.ts";
import type { SourceBatch, SourceWedge } from "../../src/kernel/ports.ts";

const place = { partition: 0, offset: 0n, leaderEpoch: 0 };
const run: SourceBatch = { from: place, next: place, batches: [], end: 0n };
const wedge: SourceWedge = { partition: 1, error: new MeshError("SOURCE_CORRUPT", "A test.") };

/** How often the answer was released. */
function released(news: readonly (SourceBatch | SourceWedge)[]) {
  let times = 0;
  const runs = releasable(news, () => {
    times += 1;
  });
  const letGo = (at: number): void => {
    const found = runs[at];
    if (found !== undefined && !("error" in found)) found.release?.();
  };
  return { runs, letGo, times: () => times };
}

describe("runs of one answer", () => {
  it("release it when the last of them is released, once", () => {
    const { letGo, times } = released([run, wedge, run]);
    letGo(2);
    letGo(2);
    expect(times()).toBe(0);
    letGo(0);
    expect(times()).toBe(1);
    letGo(0);
    expect(times()).toBe(1);
  });

  it("release it at once when there is none", () => {
    expect(released([]).times()).toBe(1);
    const { runs, times } = released([wedge]);
    expect(runs).toEqual([wedge]);
    expect(times()).toBe(1);
  });
});
