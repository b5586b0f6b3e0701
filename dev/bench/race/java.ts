import { readFile } from "node:fs/promises";
import { classPath, javaCommand, tail } from "../../kafka/artifacts.ts";
import { Jvm } from "../../kafka/jvm.ts";

/** Never said: the end of these programs is what is waited for. */
const NO_WORD = "\0";
const STOP_PATIENCE_MS = 20_000;
/** The longest that a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

/** A running Java program. It ends with our process, even if that is killed. */
export interface JavaProgram {
  /** Undefined until it was spawned, and once it ended. */
  readonly pid: number | undefined;
  /** How it ended, in words: `exit code 0`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
}

/** Runs a main class with these options of the JVM; its output goes to `logFile`. The guard is there before: starting is spawning. */
export class Java {
  readonly #jvm = new Jvm(undefined);

  async start(
    use: "broker" | "mirror",
    call: readonly [options: readonly string[], mainClass: string, args: readonly string[]],
    logFile: string,
  ): Promise<JavaProgram> {
    const [options, mainClass, args] = call;
    const jvm = this.#jvm;
    const java = [...options, "-cp", await classPath(use), mainClass, ...args];
    const order = { command: javaCommand(), args: java, logFile, ready: NO_WORD };
    const ended = jvm
      .start(order, FOR_EVER_MS)
      .then((report) => (report.state === "exited" ? report.why : report.state));
    return {
      get pid() {
        return jvm.pid;
      },
      ended,
      stop: () => this.close(),
    };
  }

  /** Ends what runs, and the guard. */
  async close(): Promise<void> {
    await this.#jvm.end(STOP_PATIENCE_MS);
    await this.#jvm.close();
  }
}

/** Runs a main class of Kafka's tools to its end. Throws with the log's last lines. */
export async function javaTool(
  mainClass: string,
  args: readonly string[],
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  const program = await new Java().start("broker", [["-Xmx512m"], mainClass, args], logFile);
  const stop = () => void program.stop();
  signal.addEventListener("abort", stop);
  const how = await program.ended.finally(() => program.stop());
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  if (how !== "exit code 0")
    throw new Error(`${mainClass} failed (${how}): ${tail(await readFile(logFile, "utf8"))}`);
}
