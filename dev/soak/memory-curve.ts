import { usageOf } from "../bench/memory.ts";

/** MiB by process; null while it does not run. */
export interface Sample {
  /** Since the beginning, s. */
  readonly atS: number;
  readonly residentMiB: Readonly<Record<string, number | null>>;
}

export interface Curve {
  readonly process: string;
  readonly maxMiB: number;
  /** Medians of the first, the second and the last third of the time. */
  readonly thirdsMiB: readonly number[];
  readonly isFlat: boolean;
}

/** A process may be larger in the last third than in the second by this much, and is still flat. */
const GROWTH = 1.25;
const GROWTH_MIB = 24;

/** Samples resident memory for as long as something runs. `pids` is asked each time, because processes come and go. */
export class MemoryCurve {
  readonly samples: Sample[] = [];
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(pids: Readonly<Record<string, () => number | undefined>>, everyMs: number) {
    this.#timer = setInterval(() => {
      const residentMiB = Object.fromEntries(
        Object.entries(pids).map(([name, pidOf]) => [name, residentOf(pidOf())]),
      );
      this.samples.push({ atS: Math.round((performance.now() - this.#began) / 1_000), residentMiB });
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One for each process. */
  get curves(): readonly Curve[] {
    return Object.keys(this.samples[0]?.residentMiB ?? {}).map((process) => {
      const values = this.samples.flatMap(({ residentMiB }) => residentMiB[process] ?? []);
      const third = Math.ceil(values.length / 3);
      const thirdsMiB = [0, 1, 2].map((at) => medianOf(values.slice(at * third, (at + 1) * third)));
      const [, second = 0, last = 0] = thirdsMiB;
      return {
        process,
        maxMiB: Math.max(...values),
        thirdsMiB,
        isFlat: last <= second * GROWTH + GROWTH_MIB,
      };
    });
  }
}

function residentOf(pid: number | undefined): number | null {
  if (pid === undefined || pid === 0) return null;
  try {
    const { residentMiB } = usageOf(pid);
    return Number.isNaN(residentMiB) ? null : residentMiB;
  } catch {
    return null;
  }
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
