import { readFileSync } from "node:fs";

/** What Linux says of a process. */
export interface Usage {
  /** Resident memory now, and the most it ever was, in MiB. */
  readonly residentMiB: number;
  readonly peakMiB: number;
  /** Seconds of CPU since it started. */
  readonly cpuS: number;
}

const TICKS_PER_SECOND = 100;

/** Of /proc (proc(5)): VmRSS and VmHWM of status, utime and stime of stat. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command's name stands in brackets and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    residentMiB: mebibytes(status, "VmRSS"),
    peakMiB: mebibytes(status, "VmHWM"),
    cpuS: ticks / TICKS_PER_SECOND,
  };
}

const mebibytes = (status: string, name: string): number =>
  Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 102.4) / 10;
