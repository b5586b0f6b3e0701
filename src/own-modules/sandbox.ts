import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { LIMITS } from "../kernel/limits.ts";
import type { Answer, Fault, Reply, Request } from "./sandbox-messages.ts";
import type { WardenData } from "./warden.ts";

const { msMax, startMsMax } = LIMITS.ownModules;
/** Longer than the warden ever takes: only a defect of ours reaches it. */
const PATIENCE_MS = startMsMax + 4 * msMax;

interface Warden {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly bell: Int32Array<SharedArrayBuffer>;
}

let warden: Warden | undefined;
let asked = 0;

/**
 * Asks a module in a process of its own and waits for the answer, which comes in bounded time whatever the module does. The
 * thread and the process are started when they are needed, and neither keeps this process alive.
 */
export function askModule(question: Omit<Request, "id">): Answer {
  warden ??= appoint();
  const { port, bell } = warden;
  asked += 1;
  const before = Atomics.load(bell, 0);
  port.postMessage({ ...question, id: asked } satisfies Request);
  Atomics.wait(bell, 0, before, PATIENCE_MS);
  const reply: Reply | undefined = receiveMessageOnPort(port)?.message;
  if (reply?.id === asked) return reply.answer;
  // Whatever it says later is no answer to the next question.
  dismiss(warden);
  warden = undefined;
  return { fault: { kind: "absent" } };
}

/** Faults that a machine under load can bring about by itself. */
const PASSING: readonly Fault["kind"][] = ["slow", "died"];

/** Asks a second time where the first answer may have been the machine's fault. */
export function askTwice(question: Omit<Request, "id">): Answer {
  const answer = askModule(question);
  return "fault" in answer && PASSING.includes(answer.fault.kind) ? askModule(question) : answer;
}

function appoint(): Warden {
  const { port1: port, port2 } = new MessageChannel();
  const bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: WardenData = { port: port2, bell };
  const worker = new Worker(new URL("./warden.ts", import.meta.url), {
    workerData,
    transferList: [port2],
    execArgv: [],
    env: {},
  });
  worker.on("error", () => undefined);
  worker.unref();
  port.unref();
  return { worker, port, bell };
}

function dismiss({ worker, port }: Warden): void {
  port.close();
  worker.terminate().catch(() => undefined);
}
