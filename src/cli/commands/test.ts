import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Contract } from "../../kernel/contract.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { PolicyBundle } from "../../kernel/policy-bundle.ts";
import type { Call } from "../call.ts";
import { type Case, readCases } from "../cases/case-file.ts";
import { differences } from "../cases/compare.ts";
import { type Coverage, coverageOf } from "../cases/coverage.ts";
import { coverageText } from "../cases/coverage-text.ts";
import { type CaseRun, runCase } from "../cases/run-case.ts";
import { type Command, JSON_SWITCH } from "../command.ts";
import { type Context, shown } from "../context.ts";
import { type Filed, readFile } from "../filed.ts";
import { filesBelow, readBounded, shownPath } from "../files.ts";
import { modulesFor } from "../modules.ts";
import { rulePlaces } from "../preview/places.ts";
import { hasErrors } from "../problem-text.ts";
import { EXIT, ProblemsFound, Refusal, UsageError } from "../refusal.ts";

/** Runs the cases of contracts: each a record, a partner and what must come of it; and says what no case shows. */
export const test: Command = {
  usage: "test <path...>",
  summary: "Run the cases that lie beside contracts, in cases/, and say which fields and rules none touches.",
  options: [
    { flags: "--min-coverage <percent>", text: "exit 1 when the cases of a contract touch less than this" },
    JSON_SWITCH,
  ],
  run(call, context) {
    const { args, format } = call;
    const least = leastOf(call);
    const files = args.flatMap((arg) => caseFiles(resolve(context.cwd, arg)));
    if (files.length === 0) throw noCases(args, context);
    const outcomes = files.flatMap((file) => runFile(file, context));
    const cases = outcomes.map(({ file, name, faults }) => ({ file, name, faults }));
    const coverage = coverages(outcomes, context);
    const failed = outcomes.filter(({ faults }) => faults.length > 0).length;
    if (format === "json") context.out.write(`${JSON.stringify({ cases, coverage }, undefined, 2)}\n`);
    else {
      for (const outcome of outcomes) context.out.write(outcomeText(outcome, context));
      for (const each of coverage) context.out.write(coverageText(each, least, context.out));
      context.out.write(`${outcomes.length} cases, ${failed} failed\n`);
    }
    return failed > 0 || coverage.some(({ percent }) => percent < least) ? EXIT.refused : EXIT.done;
  },
};

interface Outcome {
  readonly file: string;
  readonly name: string;
  /** What is not as expected; none: it passed. */
  readonly faults: readonly string[];
  readonly contract: Filed<Contract>;
  readonly run: CaseRun;
}

function leastOf(call: Call): number {
  const text = call.text("minCoverage");
  if (text === undefined) return 0;
  if (/^(?:100|\d{1,2})$/.test(text)) return Number(text);
  throw new UsageError("--min-coverage is not a whole number from 0 to 100.");
}

/** Of each contract, by all its cases that were run. */
function coverages(outcomes: readonly Outcome[], context: Context): readonly Coverage[] {
  const byContract = Map.groupBy(outcomes, ({ contract }) => contract.path);
  return [...byContract].flatMap(([path, [first, ...others]]) => {
    if (first === undefined) return [];
    const files = { folder: dirname(path), contract: path, partner: "", agreement: undefined };
    const runs = [first, ...others].map(({ run }) => run);
    return coverageOf(first.contract.value.ref.name, runs, rulePlaces(files, context));
  });
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
  const { modules, problems: ofModules } = modulesFor(dirname(contract.path), context.cwd);
  if (hasErrors(ofModules)) throw new ProblemsFound(ofModules);
  return cases.map((each) => {
    const run = runCase(each, contract.value, bundlesOf(each, path, context), modules);
    return { file, name: each.name, faults: differences(each.expect, run.admission), contract, run };
  });
}

const bundlesOf = ({ bundles = [] }: Case, path: string, context: Context): readonly PolicyBundle[] =>
  bundles.map((bundle) => readFile(resolve(dirname(path), bundle), "PolicyBundle", context).value);

/** The contract in the folder above cases/. */
function contractBeside(path: string, context: Context): Filed<Contract> {
  const folder = dirname(dirname(path));
  const [first] = filesBelow(folder, [".odcs.yaml"]).filter((file) => dirname(file) === folder);
  if (first !== undefined) return readFile(first, "DataContract", context);
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
