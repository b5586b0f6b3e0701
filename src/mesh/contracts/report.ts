import type { Document } from "../../document/document.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { Problem } from "../../kernel/problem.ts";
import { RULES, type RuleName } from "./rules.ts";

/** Collects all problems of a file and of those beside it. */
export class Report {
  readonly #problems: Problem[] = [];

  /** `pointer` is that of the value; its place is shown. Without `mend` the rule's own words are used. */
  add(document: Document, rule: RuleName, pointer: string, message: string, mend?: string): void {
    this.#push(document, rule, pointer, document.locate(pointer), message, mend);
  }

  /** The same, with the place of the member's name. */
  addAtKey(document: Document, rule: RuleName, pointer: string, message: string, mend?: string): void {
    this.#push(document, rule, pointer, document.locateKey(pointer), message, mend);
  }

  addAll(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  /** How many errors there are so far. */
  get errors(): number {
    return this.#problems.filter(({ severity }) => severity === "error").length;
  }

  /** In the order of files and lines; errors first when there are more than one report lists. */
  get problems(): readonly Problem[] {
    const errorsFirst = this.#problems.toSorted((a, b) => a.severity.localeCompare(b.severity));
    return errorsFirst
      .slice(0, LIMITS.problemsMax)
      .sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
  }

  #push(
    { file }: Document,
    rule: RuleName,
    pointer: string,
    place: { readonly line: number; readonly column: number },
    message: string,
    mend: string | undefined,
  ): void {
    const row = RULES[rule];
    this.#problems.push({
      severity: row.severity,
      file,
      ...place,
      pointer,
      rule,
      message,
      mend: mend ?? row.mend,
    });
  }
}
