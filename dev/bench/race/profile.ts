/** `node dev/bench/race/profile.ts FOLDER` tells where the CPU time went, by the profiles that `--cpu-prof` left there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part that we read of a profile (DevTools protocol, Profiler.Profile). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** A span of the monotonic clock, microseconds. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

const EVER: Window = { fromUs: 0, toUs: Number.POSITIVE_INFINITY };
const SHOWN = 30;
const IDLE = "(idle)";

/** How long a function ran, ms. */
interface Time {
  readonly name: string;
  /** Without what it called. */
  readonly selfMs: number;
  /** With all that it called; a function that calls itself counts once. */
  readonly wholeMs: number;
}

/** What ran in one of the windows, by function and place; idle time is left out. */
export function timesOf(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  windows: readonly Window[] = [EVER],
): readonly Time[] {
  const stacks = stacksOf(nodes);
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const add = (times: Map<string, number>, name: string, ms: number): void => {
    times.set(name, (times.get(name) ?? 0) + ms);
  };
  let now = startTime;
  samples.forEach((id, at) => {
    const delta = timeDeltas[at] ?? 0;
    now += delta;
    if (!windows.some(({ fromUs, toUs }) => now >= fromUs && now <= toUs)) return;
    const [own = "", ...callers] = stacks.get(id) ?? [];
    if (own === IDLE) return;
    add(self, own, delta / 1000);
    for (const name of new Set([own, ...callers])) add(whole, name, delta / 1000);
  });
  return [...whole].map(([name, wholeMs]) => ({ name, selfMs: self.get(name) ?? 0, wholeMs }));
}

/** Id of a node → its function and those that called it, the innermost first. */
function stacksOf(nodes: CpuProfile["nodes"]): ReadonlyMap<number, readonly string[]> {
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  return new Map(
    nodes.map(({ id }) => {
      const stack: string[] = [];
      for (let at: number | undefined = id; at !== undefined; at = callers.get(at))
        stack.push(names.get(at) ?? "");
      return [id, stack];
    }),
  );
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  return url === "" ? name : `${name} ${url.split("/").slice(-2).join("/")}:${lineNumber + 1}`;
}

/** The functions of every profile in a folder that took the most time, as a whole or in these windows. */
export function topOf(folder: string, windows?: readonly Window[]): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".cpuprofile"))
    .sort();
  return files
    .map((file) => {
      const times = timesOf(JSON.parse(readFileSync(join(folder, file), "utf8")), windows);
      const total = times.reduce((sum, { selfMs }) => sum + selfMs, 0);
      const top = (title: string, of: (time: Time) => number): readonly string[] => [
        title,
        ...[...times]
          .sort((one, other) => of(other) - of(one))
          .slice(0, SHOWN)
          .map((time) => `${((100 * of(time)) / total).toFixed(1).padStart(7)} %  ${time.name}`),
      ];
      return [
        `${file}: ${total.toFixed(0)} ms`,
        ...top("by itself", ({ selfMs }) => selfMs),
        ...top("with what it called", ({ wholeMs }) => wholeMs),
      ].join("\n");
    })
    .join("\n\n");
}

if (import.meta.main) console.log(topOf(process.argv[2] ?? "."));
