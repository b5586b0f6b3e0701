import { type Said, tiermesh } from "../company/company.ts";
import { ROOT } from "./root.ts";
import type { Screen } from "./screen.ts";

const SHOWN_LINES = 6;

/** Runs commands as a user types them in the project's folder, and shows them so. */
export class Shell {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Throws when the command does not go well. */
  async run(args: readonly string[]): Promise<Said> {
    const said = await this.try(args);
    if (said.code === 0) return said;
    throw new Error(`${commandLine(args)} ended with ${said.code}:\n${said.stderr}${said.stdout}`);
  }

  async try(args: readonly string[]): Promise<Said> {
    const said = await tiermesh(args, ROOT);
    this.show(args, `${said.stderr}${said.stdout}`);
    return said;
  }

  show(args: readonly string[], output: string): void {
    const lines = output.trimEnd().split("\n");
    const more = lines.length > SHOWN_LINES ? [`… ${lines.length - SHOWN_LINES} more lines`] : [];
    const answer = [...lines.slice(0, SHOWN_LINES), ...more].map((line) =>
      this.#screen.paint("dim", `  ${line}`),
    );
    this.#screen.say([this.#screen.paint("cyan", commandLine(args)), ...answer].join("\n"));
  }
}

/** As it can be typed in the project's folder. */
export const commandLine = (args: readonly string[]): string => ["./tiermesh", ...args.map(quoted)].join(" ");

const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
