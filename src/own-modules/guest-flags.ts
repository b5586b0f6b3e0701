import { LIMITS } from "../kernel/limits.ts";

/**
 * How Node runs the process of the modules: no files but the sources named, no processes, threads or add-ons (nodejs.org, Permissions), a
 * small heap, and no code made of text, in any context. What a module would have if it got out of its own.
 */
export const guestFlags = (readable: readonly string[]): string[] => [
  "--permission",
  ...readable.map((path) => `--allow-fs-read=${path}`),
  `--max-old-space-size=${LIMITS.ownModules.heapMebibytesMax}`,
  "--max-semi-space-size=2",
  "--disallow-code-generation-from-strings",
  "--no-warnings",
];
