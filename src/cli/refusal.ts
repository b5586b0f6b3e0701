import { ERRORS, type ErrorCode, MeshError } from "../kernel/error.ts";
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
  if (failure instanceof MeshError) return wordsOfCode(failure);
  // What was thrown may quote a record, so only its kind is told; the stack is for whoever sets NODE_DEBUG.
  return {
    title: "tiermesh has a defect (INTERNAL)",
    detail: `Something was thrown that nobody expected: ${failure instanceof Error ? failure.name : typeof failure}.`,
    mend: "Report it with what you did; NODE_DEBUG=tiermesh shows where it happened.",
  };
}

/** A command calls no gateway but the folder's own: codes about partners, as they come out of that call, mean this one. */
const OWN_GATEWAY: Partial<Readonly<Record<ErrorCode, Pick<RefusalWords, "title" | "mend">>>> = {
  PARTNER_UNREACHABLE: {
    title: "This folder's gateway does not answer",
    mend: "Start it with `tiermesh serve`, or name another folder with -C.",
  },
  PARTNER_KEY_MISMATCH: {
    title: "At this folder's address answers a gateway with other keys",
    mend: "Name the folder of the gateway that runs there with -C, or give this one another address.",
  },
  PARTNER_ANSWER_INVALID: {
    title: "This folder's gateway gave an answer that makes no sense",
    mend: "Check that it runs the same version as this command, and that nothing else listens there.",
  },
};

function wordsOfCode(error: MeshError): RefusalWords {
  const { file, code } = error.context;
  const told = refusedWith(error, String(code));
  const row = told?.row ?? OWN_GATEWAY[error.code] ?? error.row;
  return {
    title: `${row.title} (${told?.code ?? error.code})`,
    detail: told?.detail ?? error.message,
    ...(file === undefined ? {} : { place: String(file) }),
    mend: row.mend,
  };
}

/** What the gateway itself said: its code stands for more than that it refused. */
function refusedWith({ code: outer, message }: MeshError, code: string) {
  if (outer !== "PARTNER_REFUSED" || !isKnown(code)) return undefined;
  const lead = ` was refused with ${code}: `;
  const at = message.indexOf(lead);
  return { code, row: ERRORS[code], detail: at < 0 ? message : message.slice(at + lead.length) };
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
