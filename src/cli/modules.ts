import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readModuleFiles } from "../config/module-files.ts";
import { readDocument } from "../document/document.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { Problem } from "../kernel/problem.ts";
import { loadModules } from "../own-modules/own-modules.ts";
import type { PolicyModule } from "../policy/module.ts";
import { MODULES } from "../policy/registry.ts";
import { companionsOf, readBounded, shownPath } from "./files.ts";

const GATEWAY = "gateway.yaml";

interface Known {
  readonly modules: ReadonlyMap<string, PolicyModule>;
  readonly problems: readonly Problem[];
}

/**
 * The modules that the files of a folder may use: the built-in ones, and those of the gateway.yaml in it or in the nearest folder
 * above it. A gateway.yaml that can't be read has none of its own.
 */
export function modulesFor(folder: string, cwd: string): Known {
  const path = gatewayAbove(resolve(folder));
  const bytes = path === undefined ? undefined : readBounded(path, LIMITS.documentBytesMax);
  if (path === undefined || bytes === undefined) return { modules: MODULES, problems: [] };
  const document = readDocument(bytes, shownPath(path, cwd));
  if (!document.ok) return { modules: MODULES, problems: document.fault };
  const { files, problems } = readModuleFiles(document.value, { readInside: readInside(path) });
  const loaded = loadModules(files);
  return { modules: loaded.modules, problems: [...problems, ...loaded.problems] };
}

/** Reads text files below the folder of a file; what is not there, not in it or no UTF-8 is undefined. */
export const readInside =
  (file: string) =>
  (path: string): string | undefined => {
    const bytes = companionsOf(file).read(path);
    try {
      return bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return undefined;
    }
  };

function gatewayAbove(folder: string): string | undefined {
  const path = join(folder, GATEWAY);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : gatewayAbove(parent);
}
