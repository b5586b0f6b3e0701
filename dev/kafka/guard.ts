/**
 * A small process between us and a JVM. It starts the JVM when told to, and when its parent is gone, whatever the way
 * (SIGKILL included: the IPC channel closes with the process), it kills the JVM and removes its directory.
 * Started detached, so that ^C on a terminal reaches the parent alone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, rmSync } from "node:fs";

export interface StartOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Text of the log that says that the program is at work. */
  readonly ready: string;
}

export type Report =
  | { readonly state: "started"; readonly pid: number }
  | { readonly state: "ready" }
  | { readonly state: "exited"; readonly why: string };

const [, , directory = ""] = process.argv;
let child: ChildProcess | undefined;

process.on("message", (order: StartOrder) => {
  child = start(order);
});
process.on("disconnect", leave);
process.on("SIGTERM", leave);
process.on("SIGINT", () => undefined);

function start({ command, args, logFile, ready }: StartOrder): ChildProcess {
  const log = createWriteStream(logFile, { flags: "a" });
  const started = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  started.stdout.pipe(log, { end: false });
  started.stderr.pipe(log, { end: false });
  let seen = "";
  started.stderr.setEncoding("utf8").on("data", function look(chunk: string) {
    seen = (seen + chunk).slice(-chunk.length - ready.length);
    if (!seen.includes(ready)) return;
    started.stderr.off("data", look);
    report({ state: "ready" });
  });
  let failure = "";
  started.once("spawn", () => report({ state: "started", pid: started.pid ?? 0 }));
  started.once("error", (error) => {
    failure = error.message;
  });
  started.once("close", (code, signal) => {
    child = undefined;
    const why = failure || (signal === null ? `exit code ${code}` : `signal ${signal}`);
    log.end(() => report({ state: "exited", why }));
  });
  return started;
}

function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

function leave(): void {
  if (child === undefined) remove();
  child?.once("close", remove);
  child?.kill("SIGKILL");
}

function remove(): void {
  if (directory !== "") rmSync(directory, { recursive: true, force: true });
  process.exit(0);
}
