import type { Document } from "../document/document.ts";
import type { Problem } from "../kernel/problem.ts";
import { filesBelow, shownPath } from "./files.ts";
import { type Kind, type Kinds, kindOf, openDocument, type Place, readKind } from "./kinds.ts";
import { ProblemsFound, Refusal } from "./refusal.ts";

/** A file of a known kind, opened but not read yet. */
export interface Opened {
  /** Absolute. */
  readonly path: string;
  readonly document: Document;
}

/** A value and the file that it stands in, as messages name it. */
export interface Filed<Value> {
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly value: Value;
}

/** How the names of files that people write end. */
export const ENDINGS = [".yaml", ".yml", ".json"] as const;

/** The file at an absolute path. Throws Refusal when it is not there or of another kind, ProblemsFound when it has errors. */
export function readFile<Name extends Kind>(path: string, kind: Name, place: Place): Filed<Kinds[Name]> {
  const found = readIfThere(path, kind, place);
  if (found !== undefined) return found;
  throw new Refusal({
    title: "A file can't be read",
    detail: `A ${kind} is needed, and there is no such file, or it is not readable.`,
    place: shownPath(path, place.cwd),
    mend: "Check the path and its permissions.",
  });
}

/** The same; undefined when there is no such file. */
export function readIfThere<Name extends Kind>(
  path: string,
  kind: Name,
  place: Place,
): Filed<Kinds[Name]> | undefined {
  const document = openDocument(path, place);
  if (document === undefined) return undefined;
  if (!document.ok) throw new ProblemsFound(document.fault);
  return readOpened({ path, document: document.value }, kind, place);
}

/** What stands in an opened file. */
export function readOpened<Name extends Kind>(
  { path, document }: Opened,
  kind: Name,
  place: Place,
): Filed<Kinds[Name]> {
  const said = kindOf(document);
  if (typeof said !== "string") throw new ProblemsFound([said]);
  if (said !== kind) {
    throw new Refusal({
      title: "The file is of another kind",
      detail: `It is a ${said}, and a ${kind} is needed.`,
      place: document.file,
      mend: "Name another file.",
    });
  }
  const { value, problems } = readKind(kind, document, path, place);
  if (value === undefined) throw new ProblemsFound(problems);
  return { file: document.file, path, value };
}

/**
 * The files of one kind below a folder, and what is wrong with those of which nobody can say what they are. With "nothing
 * else" a file of no known kind is wrong too.
 */
export function openKind(
  folder: string,
  kind: Kind,
  place: Place,
  besides: "other files" | "nothing else" = "other files",
): { readonly opened: readonly Opened[]; readonly broken: readonly Problem[] } {
  const opened: Opened[] = [];
  const broken: Problem[] = [];
  for (const path of filesBelow(folder, ENDINGS)) {
    const document = openDocument(path, place);
    const said = document?.ok === true ? kindOf(document.value) : undefined;
    if (document?.ok === true && said === kind) opened.push({ path, document: document.value });
    else if (besides === "nothing else" || (said === undefined && !path.endsWith(".json")))
      broken.push(...faultsOf(path, document, said, place));
  }
  return { opened, broken };
}

function faultsOf(
  path: string,
  document: ReturnType<typeof openDocument>,
  said: Kind | Problem | undefined,
  place: Place,
): readonly Problem[] {
  if (document === undefined) return [unreadable(path, place)];
  if (!document.ok) return document.fault;
  return typeof said === "object" ? [said] : [];
}

const unreadable = (path: string, { cwd }: Place): Problem => ({
  severity: "error",
  file: shownPath(path, cwd),
  line: 1,
  column: 1,
  pointer: "",
  rule: "file.missing",
  message: "The file is not readable.",
  mend: "Check its permissions.",
});
