import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Document } from "../document/document.ts";
import type { Json } from "../kernel/json.ts";
import type { Problem } from "../kernel/problem.ts";
import { ENTRY_KINDS, type EntryKind } from "../mesh/registry/entry.ts";
import { readEntry } from "../mesh/registry/snapshot.ts";
import { companionsOf, filesBelow, shownPath } from "./files.ts";
import { kindOf, openDocument, type Place } from "./kinds.ts";
import { Refusal } from "./refusal.ts";

/** A file with its companions, ready to be sent to the gateway. */
export interface FileProposal {
  readonly kind: EntryKind;
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
}

const ENDINGS = [".yaml", ".yml", ".json"] as const;

/** What is found under the paths: files that the registry runs, cards apart, and what is wrong with any of them. */
export interface Found {
  readonly proposals: readonly FileProposal[];
  readonly cards: readonly string[];
  readonly problems: readonly Problem[];
}

/** Looks at files, and below folders. Below a folder only what says its kind counts; a file that is named must be one. */
export function findProposals(paths: readonly string[], place: Place): Found {
  const proposals: FileProposal[] = [];
  const cards: string[] = [];
  const problems: Problem[] = [];
  for (const { path, named } of paths.flatMap((each) => filesAt(resolve(place.cwd, each)))) {
    const document = openDocument(path, place);
    if (document === undefined) throw missing(shownPath(path, place.cwd));
    const kind = document.ok ? kindOf(document.value) : undefined;
    if (!document.ok) problems.push(...(named || !path.endsWith(".json") ? document.fault : []));
    else if (kind === "Card") cards.push(path);
    else if (isEntryKind(kind)) {
      const read = readProposal(document.value, kind, path);
      proposals.push(read.proposal);
      problems.push(...read.problems);
    } else if (named) problems.push(typeof kind === "object" ? kind : notApplied(document.value));
  }
  return { proposals: inOrder(proposals), cards, problems };
}

/** Reads a file as the registry will, and keeps what it reads beside it. */
function readProposal(
  document: Document,
  kind: EntryKind,
  path: string,
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
  const { problems } = readEntry({ kind, main, files }, { file: document.file, companions });
  return { proposal: { kind, main, files }, problems };
}

/** What others stand on comes first. */
const inOrder = (proposals: readonly FileProposal[]): readonly FileProposal[] => {
  const order: readonly EntryKind[] = ["Partner", "PolicyBundle", "DataContract", "AccessAgreement"];
  return [...proposals].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
};

/** What is sent. */
export const bodyOf = ({ kind, main, files }: FileProposal): Json => ({ kind, main, files });

const isEntryKind = (kind: unknown): kind is EntryKind => ENTRY_KINDS.some((known) => known === kind);

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
  mend: `Apply files of the kinds Card, ${ENTRY_KINDS.join(", ")}.`,
});
