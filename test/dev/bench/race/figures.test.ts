import { describe, expect, test } from "vitest";
import {
  drainFigures,
  isNoisy,
  median,
  outcomeOf,
  quantiles,
  type Sample,
} from "../../../../dev/bench/race/figures.ts";

const sample = (atS: number, end: number, cpuS: number, [sourceCpuS, targetCpuS] = [0, 0]): Sample => ({
  atS,
  end,
  cpuS,
  sourceCpuS,
  targetCpuS,
});

describe("a drain", () => {
  // 1 GB in 1,000,000 records: 10 % are there at the first look, the rest comes in 9 s, the second half faster.
  const samples = [
    sample(0, 0, 0),
    sample(1, 0, 2),
    sample(2, 100_000, 3, [10, 20]),
    sample(8, 500_000, 9, [11, 22]),
    sample(11, 1_000_000, 12, [12, 29]),
    sample(14, 1_000_000, 15, [13, 30]),
  ];
  const figures = drainFigures(samples, { records: 1_000_000, bytesEach: 1_000 });

  test("is measured from the first record to the last, not to the last look", () => {
    expect(figures).toMatchObject({ startToFirstS: 2, cpuBeforeFirstS: 3, drainS: 9, cores: 1 });
  });

  test("counts only what came between the two", () => {
    expect(figures?.megabytesPerS).toBeCloseTo(100);
    expect(figures?.recordsPerS).toBeCloseTo(100_000);
    expect(figures?.cpuSPerGb).toBeCloseTo(10);
    expect(figures?.cpuSPerMillion).toBeCloseTo(10);
    expect(figures?.sourceBrokerCpuSPerGb).toBeCloseTo(2 / 0.9);
    expect(figures?.targetBrokerCpuSPerGb).toBeCloseTo(10);
  });

  test("has its second half told apart", () => {
    expect(figures?.warmMegabytesPerS).toBeCloseTo(500 / 3);
    expect(figures?.warmCpuSPerGb).toBeCloseTo(6);
  });

  test("takes transaction markers for no bytes", () => {
    const marked = samples.map((each) => ({ ...each, end: each.end * 1.5 }));
    expect(drainFigures(marked, { records: 1_000_000, bytesEach: 1_000 })).toEqual(figures);
  });

  test.each([
    ["nothing came", [sample(0, 0, 0), sample(1, 0, 1)]],
    ["all came at once", [sample(0, 0, 0), sample(1, 5, 1), sample(2, 5, 1)]],
    ["nobody looked", []],
  ])("has no figures when %s", (_, few) => {
    expect(drainFigures(few, { records: 5, bytesEach: 1 })).toBeUndefined();
  });
});

describe("statistics", () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
    [[], Number.NaN],
  ])("the median of %j is %d", (numbers, middle) => expect(median(numbers)).toBe(middle));

  test("quantiles are those of the nearest rank", () => {
    const latencies = Array.from({ length: 1_000 }, (_, at) => 1_000 - at);
    expect(quantiles(latencies)).toEqual({ p50: 500, p95: 950, p99: 990, p999: 999, max: 1_000 });
    expect(quantiles([5])).toEqual({ p50: 5, p95: 5, p99: 5, p999: 5, max: 5 });
    expect(quantiles([]).p50).toBeNaN();
  });
});

describe("a run", () => {
  const quiet = { beforeCores: 0.12, duringCores: 0.12, stolenCores: 1 };

  test.each([
    [quiet, false],
    [{ ...quiet, beforeCores: 0.13 }, true],
    [{ ...quiet, duringCores: 0.13 }, true],
  ])("with %j is noisy: %s", (noise, noisy) => expect(isNoisy(noise)).toBe(noisy));

  test.each([
    [10, "complete"],
    [9, "lost"],
    [11, "doubled"],
  ])("that brings %d of 10 records is %s", (found, outcome) => expect(outcomeOf(found, 10)).toBe(outcome));
});
