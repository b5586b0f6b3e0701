import { resolve } from "node:path";
import type { Context } from "./context.ts";
import { readBounded } from "./files.ts";
import { splitLines } from "./preview/event-line.ts";
import { Refusal } from "./refusal.ts";

/** What a file of records may hold: more belongs into a topic. */
const BYTES_MAX = 512 * 1024 * 1024;

/** The lines of a file, `-` for standard input. Throws Refusal when it can't be read or is too large. */
export async function readLinesOf(file: string, context: Context): Promise<readonly Uint8Array[]> {
  if (file === "-") return splitLines(await context.readInput());
  const bytes = readBounded(resolve(context.cwd, file), BYTES_MAX);
  if (bytes !== undefined && bytes.length <= BYTES_MAX) return splitLines(bytes);
  throw new Refusal({
    title: "The file can't be read",
    detail: bytes === undefined ? "There is no such file, or it is not readable." : "The file is too large.",
    place: file,
    mend: `Name a file of lines, of at most ${BYTES_MAX} bytes.`,
  });
}
