import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Document } from "../document/document.ts";
import type { Json } from "../kernel/json.ts";
import type { Problem } from "../kernel/problem.ts";
import { FILE_KINDS, type FileKind } from "../mesh/registry/entry.ts";
import { readEntry } from "../mesh/registry/snapshot.ts";
import { companionsOf, filesBelow, shownPath } from "./files.ts";
import { isOfSomeKind, kindOf, openDocument, type Place } from "./kinds.ts";
import { modulesFor } from "./modules.ts";
import { Refusal } from "./refusal.ts";

/** A file with its companions, ready to be sent to the gateway. */
export interface FileProposal {
  readonly kind: FileKind;
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
}

const ENDINGS = [".yaml", ".yml", ".json"] as const;
/** The company's own, beside its gateway's file: for others to apply. */
const OWN_CARD = "card.yaml";

/** What is found under the paths: files that the registry runs, cards apart, and what is wrong with any of them. */
export interface Found {
  readonly proposals: readonly FileProposal[];
  readonly cards: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Looks at files, and below folders, at each once. Below a folder only what means to be of a kind counts, and of cards those that
 * are nobody's yet; a file that is named must be one.
 */
export function findProposals(paths: readonly string[], place: Place): Found {
  const files = paths.flatMap((each) => filesAt(resolve(place.cwd, each)));
  const named = new Set(files.flatMap((file) => (file.named ? [file.path] : [])));
  const seen = [...new Set(files.map(({ path }) => path))].map((path) => look(path, named.has(path), place));
  const taken = new Set(seen.flatMap(({ takes }) => takes ?? []));
  return {
    proposals: inOrder(seen.flatMap(({ proposal }) => proposal ?? [])),
    cards: seen.flatMap(({ card }) =>
      card === undefined || (taken.has(card) && !named.has(card)) ? [] : card,
    ),
    problems: seen.flatMap(({ problems }) => problems ?? []),
  };
}

/** What one file is; `takes` are the cards that need no partner's file any more. */
interface Seen {
  readonly proposal?: FileProposal;
  readonly card?: string;
  readonly takes?: readonly string[];
  readonly problems?: readonly Problem[];
}

function look(path: string, named: boolean, place: Place): Seen {
  const document = openDocument(path, place);
  if (document === undefined) throw missing(shownPath(path, place.cwd));
  if (!document.ok) return named || !path.endsWith(".json") ? { problems: document.fault } : {};
  const kind = kindOf(document.value);
  const beside = (name: string): string => join(dirname(path), name);
  if (kind === "Card") return { card: path };
  if (isFileKind(kind)) {
    const read = readProposal(document.value, kind, path, place);
    return { ...read, takes: Object.keys(read.proposal.files).map(beside) };
  }
  if (kind === "Gateway")
    return named ? { problems: [notApplied(document.value)] } : { takes: [beside(OWN_CARD)] };
  return named || isOfSomeKind(document.value) ? { problems: [kind] } : {};
}

/** Reads a file as the registry will, and keeps what it reads beside it. */
function readProposal(
  document: Document,
  kind: FileKind,
  path: string,
  { cwd }: Place,
): { readonly proposal: FileProposal; readonly problems: readonly Problem[] } {
  const main = basename(path);
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const beside = companionsOf(path);
  const mainBytes = beside.read(main);
  const files: Record<string, string> = { [main]: mainBytes === undefined ? "" : text(mainBytes) };
  const companions = {
    read(name: string) {
      const bytes = beside.read(name);
      if (bytes !== undefined) files[name] = text(bytes);
      return bytes;
    },
  };
  const { modules } = modulesFor(dirname(path), cwd);
  const { problems } = readEntry({ kind, main, files }, { file: document.file, companions }, modules);
  return { proposal: { kind, main, files }, problems };
}

/** What others stand on comes first. */
const inOrder = (proposals: readonly FileProposal[]): readonly FileProposal[] => {
  const order: readonly FileKind[] = ["Partner", "PolicyBundle", "DataContract", "AccessAgreement"];
  return [...proposals].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
};

/** What is sent. */
export const bodyOf = ({ kind, main, files }: FileProposal): Json => ({ kind, main, files });

const isFileKind = (kind: unknown): kind is FileKind => FILE_KINDS.some((known) => known === kind);

function filesAt(path: string): readonly { readonly path: string; readonly named: boolean }[] {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder
    ? filesBelow(path, ENDINGS).map((file) => ({ path: file, named: false }))
    : [{ path, named: true }];
}

const missing = (file: string): Refusal =>
  new Refusal({
    title: "A file can't be read",
    detail: `${file} is not there, or not readable.`,
    mend: "Check the path and its permissions.",
  });

const notApplied = (document: Document): Problem => ({
  severity: "error",
  file: document.file,
  ...document.locate("/kind"),
  pointer: "/kind",
  rule: "apply.kind",
  message: "A file of this kind is not applied: it is the gateway's own.",
  mend: `Apply files of the kinds Card, ${FILE_KINDS.join(", ")}.`,
});
