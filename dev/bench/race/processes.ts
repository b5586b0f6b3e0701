import { readdirSync, readFileSync } from "node:fs";
import { usageOf } from "../memory.ts";

const TICKS_PER_SECOND = 100;
/** kthreadd: the parent of the kernel's own threads. What they do (writing back, networking) is part of the work. */
const KERNEL_THREADS = 2;

/** A line of /proc/PID/stat (proc(5)). */
interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Seconds of CPU of the process and of its children that ended. */
  readonly cpuS: number;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold spaces.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid, parent: Number(fields[1]), cpuS: ticks / TICKS_PER_SECOND };
  } catch {
    // It ended in the meantime.
    return undefined;
  }
}

const allProcesses = (): readonly Stat[] =>
  readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));

/** These processes and all that came of them. */
export function treeOf(roots: readonly number[], all: readonly Stat[] = allProcesses()): readonly number[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found = new Set<number>();
  const waiting = [...roots];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    waiting.push(...(children.get(pid) ?? []).map((child) => child.pid));
  }
  return [...found];
}

/** Seconds of CPU of these processes together, all threads; what has ended counts nothing. */
export function cpuOf(pids: readonly number[]): number {
  let sum = 0;
  for (const pid of pids) {
    try {
      sum += usageOf(pid).cpuS;
    } catch {
      // It ended in the meantime.
    }
  }
  return sum;
}

/** Most resident memory that a process ever had, MiB (VmHWM); NaN when it is gone. */
export function peakMiBOf(pid: number): number {
  try {
    return usageOf(pid).peakMiB;
  } catch {
    return Number.NaN;
  }
}

/** Seconds of CPU so far of all processes but us, what we started, and the kernel's threads. */
export function strangersCpuS(): number {
  const all = allProcesses();
  const ours = new Set(treeOf([process.pid, KERNEL_THREADS], all));
  return all.reduce((sum, { pid, cpuS }) => (ours.has(pid) ? sum : sum + cpuS), 0);
}

/** Seconds that the machine's processors waited for other guests of their host, all together. */
export function stolenS(): number {
  const total = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "";
  return Number(total.trim().split(/\s+/)[8] ?? 0) / TICKS_PER_SECOND;
}
