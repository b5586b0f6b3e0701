import type { DrainFigures } from "../../../../dev/bench/race/figures.ts";
import type { RunRow } from "../../../../dev/bench/race/run.ts";

const FIGURES: DrainFigures = {
  startToFirstS: 1,
  cpuBeforeFirstS: 1,
  drainS: 1,
  megabytesPerS: 100,
  recordsPerS: 100_000,
  cpuSPerGb: 10,
  cpuSPerMillion: 10,
  cores: 1,
  warmMegabytesPerS: 100,
  warmCpuSPerGb: 10,
  sourceBrokerCpuSPerGb: 1,
  targetBrokerCpuSPerGb: 1,
};

/** A quiet, complete run, but for what is given. */
export const rowOf = (
  contestant: string,
  drain: Partial<DrainFigures>,
  change: Partial<RunRow> = {},
): RunRow => ({
  contestant,
  round: 1,
  startedAt: "2026-01-01T00:00:00Z",
  outcome: "complete",
  expected: 10,
  found: 10,
  drain: { ...FIGURES, ...drain },
  peakMiB: { publisher: 150, subscriber: 100 },
  noise: { beforeCores: 0, duringCores: 0, stolenCores: 0 },
  isNoisy: false,
  ...change,
});
