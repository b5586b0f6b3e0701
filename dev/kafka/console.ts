import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { classPath, javaCommand, tail } from "./artifacts.ts";
import { archiveOptions } from "./class-archive.ts";

export interface ConsoleOptions {
  /** Ends after so many records; default: all that come before the time runs out. */
  readonly max?: number;
  /** Ends when nothing came for so long; default 5,000. */
  readonly timeoutMs?: number;
  /** Default `read_committed`. */
  readonly isolation?: "read_committed" | "read_uncommitted";
}

const SHOWN = ["partition", "offset", "timestamp", "headers", "key"];

/**
 * Apache Kafka's own console consumer reads a topic from its beginning: a reader that shares no code with ours. One line
 * a record: `CreateTime:ms`, `Partition:n`, `Offset:n`, headers (`name:value,…`, or `NO_HEADERS`), key, value, with tabs
 * between; absent ones are `null`.
 */
export async function consoleConsumer(
  bootstrap: string,
  topic: string,
  { max, timeoutMs = 5_000, isolation = "read_committed" }: ConsoleOptions = {},
): Promise<readonly string[]> {
  const args = [
    "--bootstrap-server",
    bootstrap,
    "--topic",
    topic,
    "--from-beginning",
    "--isolation-level",
    isolation,
  ];
  args.push("--timeout-ms", String(timeoutMs), ...(max === undefined ? [] : ["--max-messages", String(max)]));
  for (const part of SHOWN) args.push("--formatter-property", `print.${part}=true`);
  const output = await kafkaTool("org.apache.kafka.tools.consumer.ConsoleConsumer", args);
  return output.split("\n").filter((line) => line !== "");
}

/** Runs a main class of Kafka's tools, for example `kafka.admin.ConfigCommand`; its standard output. Throws with the log's end. */
export async function kafkaTool(mainClass: string, args: readonly string[]): Promise<string> {
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off";
  const java = [
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",
    quiet,
    ...archiveOptions(),
    "-cp",
    await classPath(),
    mainClass,
    ...args,
  ];
  try {
    const { stdout } = await promisify(execFile)(javaCommand(), java, { maxBuffer: 256 << 20 });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${mainClass} failed: ${tail(stderr || stdout)}`, { cause: error });
  }
}
