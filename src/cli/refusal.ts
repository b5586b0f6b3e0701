import { MeshError } from "../kernel/error.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Context } from "./context.ts";
import { shown } from "./context.ts";
import { problemText } from "./problem-text.ts";

/** Exit codes: done; refused, or problems found; called wrongly. */
export const EXIT = { done: 0, refused: 1, usage: 2 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

interface RefusalWords {
  readonly title: string;
  /** Full sentences: what and why. */
  readonly detail: string;
  /** File, or file:line:column. */
  readonly place?: string;
  /** How to mend it. */
  readonly mend: string;
}

/** The command can't do what it was asked, for a reason that the caller can mend. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly words: RefusalWords;
  constructor(words: RefusalWords) {
    super(words.detail);
    this.words = words;
  }
}

/** The command was called wrongly. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Files that the command needs have errors. */
export class ProblemsFound extends Error {
  override readonly name = "ProblemsFound";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super("Files that this command needs have errors.");
    this.problems = problems;
  }
}

/** Says on stderr what went wrong, without a stack trace, and gives the exit code. */
export function reportFailure(failure: unknown, { err, debug }: Pick<Context, "err" | "debug">): Exit {
  debug(failure instanceof Error ? (failure.stack ?? failure.name) : typeof failure);
  if (failure instanceof ProblemsFound) {
    err.write(failure.problems.map((problem) => problemText(problem, err)).join(""));
    return EXIT.refused;
  }
  if (failure instanceof UsageError) {
    err.write(`${err.paint("red", "error:")} ${shown(failure.message)}\n`);
    return EXIT.usage;
  }
  const { title, detail, place, mend } = wordsOf(failure);
  const lines = [detail, ...(place === undefined ? [] : [`at ${place}`]), mend];
  err.write(`${err.paint("red", "error:")} ${title}\n${lines.map((line) => `  ${shown(line)}\n`).join("")}`);
  return EXIT.refused;
}

function wordsOf(failure: unknown): RefusalWords {
  if (failure instanceof Refusal) return failure.words;
  if (failure instanceof MeshError) {
    const { file } = failure.context;
    return {
      title: `${failure.row.title} (${failure.code})`,
      detail: failure.message,
      ...(file === undefined ? {} : { place: String(file) }),
      mend: failure.row.mend,
    };
  }
  // What was thrown may quote a record, so only its kind is told; the stack is for whoever sets NODE_DEBUG.
  return {
    title: "tiermesh has a defect (INTERNAL)",
    detail: `Something was thrown that nobody expected: ${failure instanceof Error ? failure.name : typeof failure}.`,
    mend: "Report it with what you did; NODE_DEBUG=tiermesh shows where it happened.",
  };
}
