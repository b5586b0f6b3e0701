import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Contract } from "../../kernel/contract.ts";
import { LIMITS } from "../../kernel/limits.ts";
import { type Case, readCases } from "../cases/case-file.ts";
import { differences } from "../cases/compare.ts";
import { runCase } from "../cases/run-case.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { readFile } from "../filed.ts";
import { filesBelow, readBounded, shownPath } from "../files.ts";
import { hasErrors } from "../problem-text.ts";
import { EXIT, ProblemsFound, Refusal } from "../refusal.ts";

/** Runs the cases of contracts: each a record, a partner and what must come of it. */
export const test: Command = {
  usage: "test <path...>",
  summary: "Run the cases that lie beside contracts, in cases/.",
  options: [JSON_SWITCH],
  run({ args, format }, context) {
    const files = args.flatMap((arg) => caseFiles(resolve(context.cwd, arg)));
    if (files.length === 0) throw noCases(args, context);
    const outcomes = files.flatMap((file) => runFile(file, context));
    const failures = outcomes.filter(({ faults }) => faults.length > 0);
    if (format === "json") context.out.write(`${JSON.stringify(outcomes, undefined, 2)}\n`);
    else {
      for (const outcome of outcomes) context.out.write(outcomeText(outcome, context));
      context.out.write(`${outcomes.length} cases, ${failures.length} failed\n`);
    }
    return failures.length > 0 ? EXIT.refused : EXIT.done;
  },
};

interface Outcome {
  readonly file: string;
  readonly name: string;
  /** What is not as expected; none: it passed. */
  readonly faults: readonly string[];
}

const ENDINGS = [".yaml", ".yml", ".json"] as const;

/** A file is a case; below a folder those in a folder named cases are. */
function caseFiles(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  return filesBelow(path, ENDINGS).filter((file) => basename(dirname(file)) === "cases");
}

function runFile(path: string, context: Context): readonly Outcome[] {
  const file = shownPath(path, context.cwd);
  const bytes = readBounded(path, LIMITS.documentBytesMax);
  if (bytes === undefined) throw noCases([file], context);
  const { cases, problems } = readCases(bytes, file);
  if (hasErrors(problems)) throw new ProblemsFound(problems);
  const contract = contractBeside(path, context);
  return cases.map((each) => ({ file, name: each.name, faults: faultsOf(each, path, contract, context) }));
}

function faultsOf(given: Case, path: string, contract: Contract, context: Context): readonly string[] {
  const bundles = (given.bundles ?? []).map(
    (bundle) => readFile(resolve(dirname(path), bundle), "PolicyBundle", context).value,
  );
  return differences(given.expect, runCase(given, contract, bundles));
}

/** The contract in the folder above cases/. */
function contractBeside(path: string, context: Context): Contract {
  const folder = dirname(dirname(path));
  const [first] = filesBelow(folder, [".odcs.yaml"]).filter((file) => dirname(file) === folder);
  if (first !== undefined) return readFile(first, "DataContract", context).value;
  throw new Refusal({
    title: "There is no contract to these cases",
    detail: "In the folder above cases/ there is no file whose name ends in .odcs.yaml.",
    place: shownPath(folder, context.cwd),
    mend: "Put the cases into a folder named cases beside the contract.",
  });
}

function outcomeText({ file, name, faults }: Outcome, { out }: Context): string {
  const mark = faults.length === 0 ? out.paint("green", "pass") : out.paint("red", "FAIL");
  return `${mark}  ${shown(`${file}: ${name}`)}\n${faults.map((fault) => `  ${shown(fault)}\n`).join("")}`;
}

const noCases = (paths: readonly string[], { cwd }: Context): Refusal =>
  new Refusal({
    title: "There are no cases",
    detail: `${paths.join(", ")}: no file, and no folder with a folder named cases in it.`,
    place: cwd,
    mend: "Name a contract's folder, or a file of cases.",
  });
