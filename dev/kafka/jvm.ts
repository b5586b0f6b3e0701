import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Report, StartOrder } from "./guard.ts";

/** One program at a time under a guard process, which outlives us just long enough to clean up. */
export class Jvm {
  readonly #guard: ChildProcess;
  readonly #events = new EventEmitter();
  #pid: number | undefined;

  /** `directory`, if given, is removed when this is closed or our process ends in any way. */
  constructor(directory: string | undefined) {
    this.#guard = fork(fileURLToPath(new URL("guard.ts", import.meta.url)), [directory ?? ""], {
      detached: true,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#guard.on("message", (report: Report) => {
      if (report.state === "started") this.#pid = report.pid;
      if (report.state === "exited") this.#pid = undefined;
      this.#events.emit(report.state, report);
    });
  }

  /** Undefined when nothing runs. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Resolves when the log says that it is ready; otherwise with why it ended, be it that it took longer than `patienceMs`. */
  async start(
    order: StartOrder,
    patienceMs: number,
  ): Promise<Extract<Report, { state: "ready" | "exited" }>> {
    const verdict = Promise.race([once(this.#events, "ready"), once(this.#events, "exited")]);
    this.#guard.send(order);
    const impatience = setTimeout(() => this.kill(), patienceMs);
    const [report] = await verdict;
    clearTimeout(impatience);
    return report;
  }

  /** SIGTERM, then SIGKILL. Resolves when the log is whole; at once if nothing runs. */
  async end(patienceMs: number): Promise<void> {
    if (this.#pid === undefined) return;
    const ended = once(this.#events, "exited");
    this.#signal("SIGTERM");
    const impatience = setTimeout(() => this.kill(), patienceMs);
    await ended;
    clearTimeout(impatience);
  }

  kill(): void {
    this.#signal("SIGKILL");
  }

  /** Where the process is gone, the guard's report of that is still on its way. */
  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (this.#pid === undefined) return;
    try {
      process.kill(this.#pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Kills what runs, removes the directory, ends the guard. */
  async close(): Promise<void> {
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null) return;
    const gone = once(this.#guard, "exit");
    if (this.#guard.connected) this.#guard.disconnect();
    await gone;
  }
}
