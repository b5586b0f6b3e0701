import { UsageError } from "./refusal.ts";

export type Format = "table" | "json" | "yaml";
const FORMATS: readonly Format[] = ["table", "json", "yaml"];

/** How a command was called. */
export class Call {
  readonly args: readonly string[];
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(args: readonly string[], options: Readonly<Record<string, unknown>>) {
    this.args = args;
    this.#options = options;
  }

  /** An argument by its place; "" for one that may be left out and was. */
  arg(index: number): string {
    return this.args[index] ?? "";
  }

  /** The value of an option by its long name. */
  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The value of an option that must be given. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`The option --${name} is missing.`);
    return value;
  }

  /** Whether a switch is set. */
  has(name: string): boolean {
    return this.#options[name] === true;
  }

  /** What `-o` and `--json` ask for. */
  get format(): Format {
    if (this.has("json")) return "json";
    return FORMATS.find((format) => format === this.text("output")) ?? "table";
  }
}
