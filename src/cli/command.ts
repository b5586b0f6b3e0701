import { CommanderError, Option, Command as Program } from "commander";
import { Call } from "./call.ts";
import type { Context } from "./context.ts";
import { EXIT, type Exit, reportFailure } from "./refusal.ts";

/** A command: one value in a file of its own under commands/, listed in tiermesh.ts. */
export interface Command {
  /** Name, with its group before it if it has one, and arguments: `lint <path...>`, `audit query`. */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  readonly options?: readonly CommandOption[];
  /** Throws what `reportFailure` knows: Refusal, UsageError, ProblemsFound, MeshError. */
  run(call: Call, context: Context): Exit | Promise<Exit>;
}

/** Flags as commander reads them, `--partner <name>`; a flag without value is a switch. */
export interface CommandOption {
  readonly flags: string;
  readonly text: string;
  readonly required?: true;
  readonly choices?: readonly string[];
}

/** What many commands have in common. */
export const FOLDER: CommandOption = {
  flags: "-C, --folder <dir>",
  text: "the company's folder (default: this one)",
};
export const JSON_SWITCH: CommandOption = { flags: "--json", text: "JSON for machines" };
export const OUTPUT: readonly CommandOption[] = [
  { flags: "-o, --output <format>", text: "how to print it", choices: ["table", "json", "yaml"] },
  JSON_SWITCH,
];

/** Runs the command that the arguments name; resolves with the exit code and never throws. */
export async function runProgram(
  commands: readonly Command[],
  args: readonly string[],
  context: Context,
): Promise<Exit> {
  let exit: Exit = EXIT.done;
  const program = new Program("tiermesh")
    .description("Governed streams of CloudEvents between companies.")
    .exitOverride()
    .showHelpAfterError("Run it with --help to see how it is called.")
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
    });
  for (const command of commands) {
    register(program, command, async (call) => {
      exit = await command.run(call, context);
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exit;
  } catch (failure) {
    if (failure instanceof CommanderError) return failure.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportFailure(failure, context);
  }
}

function register(
  program: Program,
  { usage, summary, options = [] }: Command,
  run: (call: Call) => Promise<void>,
): void {
  const words = usage.split(" ");
  const names = words.filter((word) => !/^[<[]/.test(word));
  const group = names.slice(0, -1).reduce((parent, name) => child(parent, name), program);
  const command = group.command([names.at(-1), ...words.slice(names.length)].join(" ")).description(summary);
  for (const { flags, text, required, choices } of options) {
    const option = new Option(flags, text).makeOptionMandatory(required === true);
    command.addOption(choices === undefined ? option : option.choices(choices));
  }
  command.action(() => run(new Call(command.args, command.opts<Readonly<Record<string, unknown>>>())));
}

/** The group of that name, made when it is not there. */
const child = (parent: Program, name: string): Program =>
  parent.commands.find((command) => command.name() === name) ?? parent.command(name);
