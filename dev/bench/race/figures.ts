/** One look at the target while a contestant runs. */
export interface Sample {
  /** Since the contestant was spawned. */
  readonly atS: number;
  /** Sum of the target's committed end offsets, transaction markers among them. */
  readonly end: number;
  /** Seconds of CPU so far: of the contestant's processes, of the source's and of the target's broker. */
  readonly cpuS: number;
  readonly sourceCpuS: number;
  readonly targetCpuS: number;
}

/** What a drain comes to. MB and GB are 10^6 and 10^9 bytes of uncompressed source values. */
export interface DrainFigures {
  readonly startToFirstS: number;
  readonly cpuBeforeFirstS: number;
  /** From the first record to the last. */
  readonly drainS: number;
  readonly megabytesPerS: number;
  readonly recordsPerS: number;
  readonly cpuSPerGb: number;
  readonly cpuSPerMillion: number;
  readonly cores: number;
  /** The second half of the records alone: nearest to what goes on for hours. */
  readonly warmMegabytesPerS: number;
  readonly warmCpuSPerGb: number;
  readonly sourceBrokerCpuSPerGb: number;
  readonly targetBrokerCpuSPerGb: number;
}

const MEGA = 1e6;
const GIGA = 1e9;

/**
 * From the first sample that shows a record to the last that shows more than the one before. Undefined without two such:
 * then there is nothing to divide by.
 */
export function drainFigures(
  samples: readonly Sample[],
  { records, bytesEach }: { readonly records: number; readonly bytesEach: number },
): DrainFigures | undefined {
  const first = samples.find(({ end }) => end > 0);
  const last = samples.findLast(({ end }, at) => end > (samples[at - 1]?.end ?? 0));
  if (first === undefined || last === undefined || last.atS <= first.atS) return undefined;
  // Markers stand among the offsets: they are taken to be spread evenly.
  const bytes = (from: Sample): number => (records * bytesEach * (last.end - from.end)) / last.end;
  const span = (from: Sample) => ({
    megabytesPerS: bytes(from) / MEGA / (last.atS - from.atS),
    cpuSPerGb: ((last.cpuS - from.cpuS) / bytes(from)) * GIGA,
  });
  const half = samples.find(({ end }) => end >= last.end / 2) ?? first;
  const whole = span(first);
  const warm = half.atS < last.atS ? span(half) : whole;
  return {
    startToFirstS: first.atS,
    cpuBeforeFirstS: first.cpuS,
    drainS: last.atS - first.atS,
    ...whole,
    recordsPerS: (whole.megabytesPerS * MEGA) / bytesEach,
    cpuSPerMillion: (whole.cpuSPerGb / GIGA) * bytesEach * MEGA,
    cores: (last.cpuS - first.cpuS) / (last.atS - first.atS),
    warmMegabytesPerS: warm.megabytesPerS,
    warmCpuSPerGb: warm.cpuSPerGb,
    sourceBrokerCpuSPerGb: ((last.sourceCpuS - first.sourceCpuS) / bytes(first)) * GIGA,
    targetBrokerCpuSPerGb: ((last.targetCpuS - first.targetCpuS) / bytes(first)) * GIGA,
  };
}

/** How late records were, ms, and what the contestant used meanwhile. */
export interface LatencyFigures {
  readonly startToFirstS: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly cores: number;
}

/** Of latencies in any order. */
export function quantiles(
  latencies: readonly number[],
): Pick<LatencyFigures, "p50" | "p95" | "p99" | "p999" | "max"> {
  const sorted = [...latencies].sort((one, other) => one - other);
  return {
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** The least value that so large a share does not exceed (nearest rank). NaN of nothing. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

/** The middle one, or the mean of the two in the middle. NaN of nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Above so many cores of other people's work, a run says more of that than of the contestant. */
const STRANGERS_CORES_MAX = 0.12;

/** What others did on the machine, in cores: before the run and during it. */
export interface Noise {
  readonly beforeCores: number;
  readonly duringCores: number;
  /** Taken by the host for other guests; told, but no reason to call a run noisy. */
  readonly stolenCores: number;
}

export const isNoisy = ({ beforeCores, duringCores }: Noise): boolean =>
  beforeCores > STRANGERS_CORES_MAX || duringCores > STRANGERS_CORES_MAX;

/** How a run ended. Only a complete one has figures that count. */
export type Outcome = "complete" | "lost" | "doubled" | "stalled" | "died";

/** By the records found on the target against those of the source. */
export const outcomeOf = (found: number, expected: number): Outcome =>
  found === expected ? "complete" : found < expected ? "lost" : "doubled";
