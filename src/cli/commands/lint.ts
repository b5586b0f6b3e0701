import { statSync } from "node:fs";
import { resolve } from "node:path";
import { readModuleFiles } from "../../config/module-files.ts";
import type { Document } from "../../document/document.ts";
import type { Problem } from "../../kernel/problem.ts";
import { bundleClashes } from "../../mesh/contracts/bundle-file.ts";
import { loadModules } from "../../own-modules/own-modules.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import type { Context } from "../context.ts";
import { filesBelow, shownPath } from "../files.ts";
import { isOfSomeKind, kindOf, openDocument, readKind } from "../kinds.ts";
import { readInside } from "../modules.ts";
import { countText, hasErrors, problemText } from "../problem-text.ts";
import { EXIT } from "../refusal.ts";

/** Checks files of every kind without a network: all problems of all files at once. */
export const lint: Command = {
  usage: "lint <path...>",
  summary: "Check files: contracts, policies, cards, partners, agreements, gateway.yaml.",
  options: [JSON_SWITCH],
  run({ args, format }, context) {
    const checked = args.flatMap((arg) => checkPath(resolve(context.cwd, arg), context));
    const problems = [...checked.flatMap((file) => file.problems), ...clashes(checked)];
    if (format === "json") {
      const files = checked.map(({ file }) => file);
      context.out.write(`${JSON.stringify({ files, problems }, undefined, 2)}\n`);
    } else {
      const count = `${checked.length} file${checked.length === 1 ? "" : "s"}`;
      const texts = problems.map((problem) => problemText(problem, context.out));
      context.out.write(`${texts.join("")}${count}, ${countText(problems)}\n`);
    }
    return hasErrors(problems) ? EXIT.refused : EXIT.done;
  },
};

interface Checked {
  readonly file: string;
  readonly problems: readonly Problem[];
  /** Undefined: the file is no document. */
  readonly document?: Document;
}

/** What is wrong with files only because of each other. A file that was named twice is one file. */
function clashes(checked: readonly Checked[]): readonly Problem[] {
  const documents = new Map(checked.map(({ file, document }) => [file, document]));
  const opened = [...documents.values()].filter((document) => document !== undefined);
  return bundleClashes(opened.filter((document) => kindOf(document) === "PolicyBundle"));
}

/** A file, or every file of a kind of ours below a folder. */
function checkPath(path: string, context: Context): readonly Checked[] {
  if (!isFolder(path)) return [checkFile(path, context)];
  const found = filesBelow(path, [".yaml", ".yml", ".json"]).flatMap((each) =>
    mayBeOfSomeKind(each, context) ? [checkFile(each, context)] : [],
  );
  const file = shownPath(path, context.cwd);
  return found.length > 0 ? found : [{ file, problems: [nothing(file)] }];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** YAML that can't be read might have been of one. */
function mayBeOfSomeKind(path: string, context: Context): boolean {
  const document = openDocument(path, context);
  return document?.ok === true ? isOfSomeKind(document.value) : !path.endsWith(".json");
}

function checkFile(path: string, context: Context): Checked {
  const file = shownPath(path, context.cwd);
  const opened = openDocument(path, context);
  if (opened === undefined) return { file, problems: [missing(file)] };
  if (!opened.ok) return { file, problems: opened.fault };
  const document = opened.value;
  const kind = kindOf(document);
  const problems = typeof kind === "string" ? readKind(kind, document, path, context).problems : [kind];
  return {
    file,
    problems: kind === "Gateway" ? [...problems, ...inModules(document, path)] : problems,
    document,
  };
}

/** What is wrong inside the modules that a gateway.yaml names: other commands must work though one is broken. */
const inModules = (document: Document, path: string): readonly Problem[] =>
  loadModules(readModuleFiles(document, { readInside: readInside(path) }).files).problems;

const whole = (file: string) =>
  ({ severity: "error", file, line: 1, column: 1, pointer: "", rule: "file.missing" }) as const;
const missing = (file: string): Problem => ({
  ...whole(file),
  message: "The file is not there, or not readable.",
  mend: "Check the path and its permissions.",
});
const nothing = (file: string): Problem => ({
  ...whole(file),
  message: "Below this folder there is no file of a kind that is known.",
  mend: "Name the folder with gateway.yaml, or a file.",
});
