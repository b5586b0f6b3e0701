import type { SourceBatch, SourceWedge } from "../kernel/ports.ts";

/** The same runs, each to be released by its reader; `release` is called when all of them are, at once when there is none. */
export function releasable(
  news: readonly (SourceBatch | SourceWedge)[],
  release: () => void,
): readonly (SourceBatch | SourceWedge)[] {
  const held = new Set<object>();
  const runs = news.map((run) => {
    if ("error" in run) return run;
    const hold = {};
    held.add(hold);
    const letGo = (): void => {
      if (held.delete(hold) && held.size === 0) release();
    };
    return { ...run, release: letGo };
  });
  if (held.size === 0) release();
  return runs;
}
