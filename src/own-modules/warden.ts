import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MessagePort, workerData } from "node:worker_threads";
import { LIMITS } from "../kernel/limits.ts";
import { guestFlags } from "./guest-flags.ts";
import type { Answer, Reply, Request } from "./sandbox-messages.ts";

/**
 * A thread that waits while the gateway's own is held: it starts the process in which modules run, passes questions on, and kills
 * the process that does not answer. `bell` is rung after each reply.
 */
export interface WardenData {
  readonly port: MessagePort;
  readonly bell: Int32Array<SharedArrayBuffer>;
}

const { port, bell }: WardenData = workerData;
const { msMax, startMsMax, idleMs } = LIMITS.ownModules;
const GUEST = fileURLToPath(new URL("./guest.ts", import.meta.url));
const SOURCES = dirname(dirname(GUEST));

let guest: ChildProcess | undefined;
let idle: NodeJS.Timeout | undefined;

async function start(): Promise<ChildProcess | undefined> {
  const execArgv = guestFlags([SOURCES, join(dirname(SOURCES), "package.json")]);
  const child = fork(GUEST, { env: {}, execArgv, stdio: ["ignore", "ignore", "ignore", "ipc"] });
  // One that breaks between two questions is started anew by the next.
  child.on("error", () => undefined);
  child.once("exit", () => {
    if (guest === child) guest = undefined;
  });
  const said = await first(child, startMsMax);
  if (said === "ready") return child;
  child.kill("SIGKILL");
  return undefined;
}

/** The next thing that happens to the process: what it says, that it ended, or that nothing came in time. */
async function first(child: ChildProcess, ms: number): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const late = setTimeout(() => over.abort(), ms);
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([said]) => said),
      once(child, "exit", { signal }).then(() => "died"),
    ]);
  } catch (error) {
    // An abort is ours; an error is the process's, which could not be started or written to.
    return signal.aborted ? "late" : error instanceof Error ? "died" : undefined;
  } finally {
    clearTimeout(late);
    over.abort();
  }
}

async function ask(request: Request): Promise<Answer> {
  clearTimeout(idle);
  guest ??= await start();
  if (guest === undefined) return { fault: { kind: "absent" } };
  const replied = first(guest, 2 * msMax);
  guest.send(request);
  const said = await replied;
  if (isReply(said) && said.id === request.id) {
    idle = setTimeout(stop, idleMs).unref();
    return said.answer;
  }
  stop();
  return { fault: { kind: said === "late" ? "slow" : "died" } };
}

function stop(): void {
  guest?.kill("SIGKILL");
  guest = undefined;
}

const isReply = (said: unknown): said is Reply =>
  typeof said === "object" && said !== null && "id" in said && "answer" in said;

port.on("message", async (request: Request) => {
  const answer = await ask(request);
  port.postMessage({ id: request.id, answer } satisfies Reply);
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
});
