import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../tiermesh", import.meta.url));

/** Lines of a gateway's log that an error about it shows. */
const SHOWN_LINES = 12;

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real program as its user does. */
export async function tiermesh(args: readonly string[], cwd: string): Promise<Said> {
  const child = spawn(PROGRAM, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}

/** What a command said that must go well. */
export function well(args: readonly string[], said: Said): Said {
  if (said.code === 0) return said;
  throw new Error(`tiermesh ${args.join(" ")} ended with ${said.code}:\n${said.stderr}${said.stdout}`);
}

/** One line of a gateway's log. */
export interface Told {
  /** RFC 3339. */
  readonly time: string;
  readonly name: string;
  readonly code?: string;
  readonly state?: string;
  readonly detail?: string;
  readonly agreement?: string;
}

/** A company with its folder, its Kafka's address and its gateway process, for the demo and the tests from outside. */
export class Company {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly #cwd: string;
  readonly kafka: string;
  /** Where partners reach the gateway. */
  readonly url: string;
  readonly #told: Told[] = [];
  readonly #heard = new EventEmitter().setMaxListeners(0);
  #made: Said | undefined;
  #gateway: ChildProcess | undefined;

  private constructor(fields: {
    id: string;
    name: string;
    folder: string;
    cwd: string;
    kafka: string;
    port: number;
  }) {
    this.id = fields.id;
    this.name = fields.name;
    this.folder = fields.folder;
    this.kafka = fields.kafka;
    this.url = `https://127.0.0.1:${fields.port}`;
    this.#cwd = fields.cwd;
  }

  /** `tiermesh init`: `short` is the folder's name below `cwd`; `run` stands in the place of the program. */
  static async init(
    cwd: string,
    short: string,
    fields: { id: string; name: string; kafka: string; port: number },
    run = tiermesh,
  ): Promise<Company> {
    const company = new Company({ ...fields, cwd, folder: join(cwd, short) });
    const { id, name, kafka, port } = fields;
    const where = ["--kafka", kafka, "--listen", `127.0.0.1:${port}`];
    const args = ["init", short, "--company", id, "--name", name, ...where];
    company.#made = well(args, await run(args, cwd));
    return company;
  }

  /** What `init` said as it made the folder. */
  get made(): string {
    return this.#made?.stdout ?? "";
  }

  get cardFile(): string {
    return join(this.folder, "card.yaml");
  }
  get logFile(): string {
    return join(this.folder, "gateway.log");
  }
  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }
  /** Of the running gateway; undefined when none runs. */
  get pid(): number | undefined {
    return this.#gateway?.pid;
  }

  /** False also when the gateway ended by itself. */
  get running(): boolean {
    const gateway = this.#gateway;
    return gateway !== undefined && gateway.exitCode === null && gateway.signalCode === null;
  }

  /** How many lines the gateway, with all its lives, has told so far. */
  get tellings(): number {
    return this.#told.length;
  }

  /** The first line that holds, of those told from the `from`-th on; waits for it. Throws when none came in time. */
  async told(
    holds: (line: Told) => boolean,
    { from = 0, patienceMs = 20_000 }: { readonly from?: number; readonly patienceMs?: number } = {},
  ): Promise<Told> {
    const signal = AbortSignal.timeout(patienceMs);
    for (let at = from; ; at += 1) {
      while (at >= this.#told.length)
        await once(this.#heard, "line", { signal }).catch((cause: unknown) => {
          const last = JSON.stringify(this.#told.at(-1));
          throw new Error(`The gateway of ${this.name} did not say it; its last line: ${last}`, { cause });
        });
      const line = this.#told[at];
      if (line !== undefined && holds(line)) return line;
    }
  }

  /** The fingerprint as its owner would read it out. */
  async fingerprint(): Promise<string> {
    const { stdout } = await this.must("card", "-C", this.folder, "--json");
    return (JSON.parse(stdout) as { fingerprint: string }).fingerprint;
  }

  /** A command of this company's user; `-C` is the caller's to give. */
  run(...args: string[]): Promise<Said> {
    return tiermesh(args, this.#cwd);
  }

  /** The same, which must go well. */
  async must(...args: string[]): Promise<Said> {
    return well(args, await this.run(...args));
  }

  /** Starts the gateway; resolves with the milliseconds until it was ready. */
  async serve(): Promise<number> {
    const began = performance.now();
    const child = spawn(PROGRAM, ["serve", "-C", this.folder], {
      cwd: this.#cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#gateway = child;
    const log = createWriteStream(this.logFile, { flags: "a" });
    child.stderr.pipe(log, { end: false });
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        log.write(`${line}\n`);
        this.#hear(line);
        if (line.includes('"gateway.started"')) resolve();
      });
      child.once("exit", (code) => {
        const end = this.log.split("\n").slice(-SHOWN_LINES).join("\n");
        reject(
          new Error(`The gateway of ${this.name} ended with ${code}. The end of ${this.logFile}:\n${end}`),
        );
      });
    });
    return performance.now() - began;
  }

  #hear(line: string): void {
    // A kill may leave half a line behind.
    if (!line.startsWith("{") || !line.endsWith("}")) return;
    this.#told.push(JSON.parse(line) as Told);
    this.#heard.emit("line");
  }

  /** SIGKILL: what a crash or a power cut is to the process. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM: an orderly end. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#gateway;
    this.#gateway = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}
