/** What a module is asked. */
export interface Request {
  readonly id: number;
  /** Path of the file, for messages. */
  readonly file: string;
  /** TypeScript. */
  readonly source: string;
  /** JSON text of `{settings, facts}`; null: what the module says of itself. */
  readonly question: string | null;
}

/** What came of it. */
export interface Reply {
  readonly id: number;
  readonly answer: Answer;
}

export type Answer = { readonly text: string } | { readonly fault: Fault };

/**
 * `source`: the file is no module; `threw`: it threw, or returned what is no plain data; `large`: it answered more
 * than is taken; `slow`: it did not end in time; `died`: it
 * took its process with it, as one that needs too much memory does; `absent`: there is no process to run it in.
 */
export interface Fault {
  readonly kind: "source" | "threw" | "large" | "slow" | "died" | "absent";
  /** Of the file, from 1. */
  readonly line?: number;
  /** What the engine says of the company's own file. */
  readonly message?: string;
}
