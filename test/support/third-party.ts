import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Third-party data lies beside the project where there is any; absolute path, or undefined: the suite says that it was skipped. */
export function thirdParty(path: string): string | undefined {
  const absolute = fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));
  return existsSync(absolute) ? absolute : undefined;
}
