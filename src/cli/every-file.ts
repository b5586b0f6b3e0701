import { join } from "node:path";
import { openKind, readOpened } from "./filed.ts";
import type { Folder } from "./folder.ts";
import type { Kind, Kinds, Place } from "./kinds.ts";
import { ProblemsFound } from "./refusal.ts";

/**
 * All files of one kind below a company's folder. One that can't be read is thrown as ProblemsFound: what it says would be missing;
 * with "nothing else" so is one of no known kind.
 */
export function everyFile<Name extends Kind>(
  folder: Pick<Folder, "path">,
  below: string,
  kind: Name,
  place: Place,
  besides?: "other files" | "nothing else",
): readonly Kinds[Name][] {
  const { opened, broken } = openKind(join(folder.path, below), kind, place, besides);
  if (broken.length > 0) throw new ProblemsFound(broken);
  return opened.map((each) => readOpened(each, kind, place).value);
}
