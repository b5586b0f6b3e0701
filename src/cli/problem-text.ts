import type { Problem } from "../kernel/problem.ts";
import type { Screen } from "./context.ts";
import { shown } from "./context.ts";

const COLOURS = { error: "red", warning: "yellow" } as const;

/** One problem for people: `file:line:column  severity  rule`, then what is wrong and how to mend it. */
export function problemText(problem: Problem, screen: Pick<Screen, "paint">): string {
  const { severity, file, line, column, rule, message, mend } = problem;
  const place = screen.paint("bold", shown(`${file}:${line}:${column}`));
  const name = screen.paint(COLOURS[severity], severity);
  return `${place}  ${name}  ${rule}\n  ${shown(message)}\n  ${shown(mend)}\n`;
}

/** `1 error, 2 warnings`. */
export function countText(problems: readonly Problem[]): string {
  const count = (severity: Problem["severity"]): string => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return `${number} ${severity}${number === 1 ? "" : "s"}`;
  };
  return `${count("error")}, ${count("warning")}`;
}

export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some(({ severity }) => severity === "error");
