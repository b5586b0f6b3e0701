import type { Document } from "../document/document.ts";
import type { Problem } from "../kernel/problem.ts";

/** What a check found at a place of a document. */
export interface Finding {
  /** RFC 6901. */
  readonly pointer: string;
  readonly rule: string;
  readonly message: string;
  readonly mend: string;
  readonly severity?: Problem["severity"];
}

/** The finding with the file, line and column of its place. */
export function problemOf(document: Document, finding: Finding): Problem {
  return { severity: "error", file: document.file, ...document.locate(finding.pointer), ...finding };
}

export const isError = (problem: Problem): boolean => problem.severity === "error";
