/** One thing wrong with a file that somebody wrote. All problems of a file are reported at once. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** RFC 6901 pointer into the document; "" is the whole. */
  readonly pointer: string;
  /** Stable name, for example `odcs.required` or `mesh.unknown-key`. */
  readonly rule: string;
  /** What is wrong and why, a full sentence. */
  readonly message: string;
  /** How to mend it, a full sentence. */
  readonly mend: string;
}
