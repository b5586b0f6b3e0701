import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { LIMITS } from "../kernel/limits.ts";

/** Folders that hold nothing which people write. */
const PASSED_OVER: ReadonlySet<string> = new Set(["keys", "node_modules", "secrets"]);

/** One byte more than a file may have, so that its reader sees that it is too large; undefined: it is no file, or not readable. */
export function readBounded(path: string, bytesMax: number): Uint8Array | undefined {
  try {
    const status = statSync(path);
    if (!status.isFile()) return undefined;
    const file = openSync(path, "r");
    try {
      const bytes = new Uint8Array(Math.min(status.size, bytesMax + 1));
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(file, bytes, length, bytes.length - length, null);
      return bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Every file below a folder in the order of its path; hidden ones, keys and links to folders are passed over. */
export function filesBelow(folder: string, endings: readonly string[]): readonly string[] {
  let entries: ReturnType<typeof list>;
  try {
    entries = list(folder);
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || PASSED_OVER.has(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(path, endings);
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}

const list = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * The files beside a file, by relative paths. A path that leads out of its folder, also by a symbolic link, finds nothing:
 * a file from outside must not choose what is read.
 */
export function companionsOf(file: string): { read(relativePath: string): Uint8Array | undefined } {
  const folder = dirname(resolve(file));
  return {
    read(relativePath) {
      try {
        const real = realpathSync(folder);
        const path = realpathSync(resolve(real, relativePath));
        return path.startsWith(real + sep) ? readBounded(path, LIMITS.schemaFileBytesMax) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** A path as messages show it: relative to where the caller stands when it is below, absolute when it is not. */
export function shownPath(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return way === "" || way.startsWith(`..${sep}`) || way === ".." ? path : way;
}
