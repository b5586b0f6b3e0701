import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "../../kernel/problem.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import type { Context } from "../context.ts";
import { filesBelow, shownPath } from "../files.ts";
import { isOfSomeKind, kindOf, openDocument, readKind } from "../kinds.ts";
import { countText, hasErrors, problemText } from "../problem-text.ts";
import { EXIT } from "../refusal.ts";

/** Checks files of every kind without a network: all problems of all files at once. */
export const lint: Command = {
  usage: "lint <path...>",
  summary: "Check files: contracts, policies, cards, partners, agreements, gateway.yaml.",
  options: [JSON_SWITCH],
  run({ args, format }, context) {
    const checked = args.flatMap((arg) => checkPath(resolve(context.cwd, arg), context));
    const problems = checked.flatMap((file) => file.problems);
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
}

/** A file, or every file of a kind of ours below a folder. */
function checkPath(path: string, context: Context): readonly Checked[] {
  const file = shownPath(path, context.cwd);
  if (!isFolder(path)) return [{ file, problems: checkFile(path, context) }];
  const found = filesBelow(path, [".yaml", ".yml", ".json"]).flatMap((each) =>
    mayBeOfSomeKind(each, context)
      ? [{ file: shownPath(each, context.cwd), problems: checkFile(each, context) }]
      : [],
  );
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

function checkFile(path: string, context: Context): readonly Problem[] {
  const document = openDocument(path, context);
  if (document === undefined) return [missing(shownPath(path, context.cwd))];
  if (!document.ok) return document.fault;
  const kind = kindOf(document.value);
  return typeof kind === "string" ? readKind(kind, document.value, path, context).problems : [kind];
}

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
