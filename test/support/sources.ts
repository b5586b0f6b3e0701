import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Source {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Files of the project below `pattern`, for the tests that read our own sources. */
export function sourcesIn(...patterns: readonly string[]): readonly Source[] {
  return globSync(patterns, { cwd: ROOT })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/(^|\/)(node_modules|coverage|\.cache)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${ROOT}/${path}`, "utf8") }));
}
