import assert from "node:assert/strict";
import type { MessagePort, Worker } from "node:worker_threads";
import { type ErrorCode, MeshError } from "../kernel/error.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { PolicyPlan } from "../kernel/plan.ts";
import type { SourceBatch } from "../kernel/ports.ts";
import type { Admit, Admitted } from "../mesh/admit.ts";
import type { Route } from "../mesh/route.ts";

/** `Admit`, but later and elsewhere. */
export type AdmitLater = (...given: Parameters<Admit>) => Promise<Admitted>;

/** What a lane needs to know of a route; keys it has by itself, the plan is sent once. */
type LaneRoute = Pick<Route, "agreement" | "owner" | "topicId">;

interface RunForLane extends SourceBatch {
  readonly id: number;
  /** Of the plan. */
  readonly number: number;
  readonly route: LaneRoute;
  readonly sequence: number;
  readonly now: number;
  /** That the batches lie in. */
  readonly memory: ArrayBuffer;
}
type ToLane = { readonly plan: PolicyPlan; readonly number: number } | RunForLane;

type FromLane = {
  readonly id: number;
  /** That the batches lay in, given back to be used again. */
  readonly memory: ArrayBuffer;
} & ({ readonly admitted: Admitted } | { readonly code: ErrorCode | undefined; readonly message: string });

/**
 * Threads that decide on records beside the one that reads and sends: each has its own kernel and its own memory, and a
 * partition of an agreement is always the same one's. Threads start when they are first needed.
 */
export class AdmitLanes {
  readonly #lanes: Lane[];

  /** `start` makes a thread that runs `serveLane`. */
  constructor(count: number, start: () => Worker) {
    this.#lanes = Array.from({ length: count }, () => new Lane(start));
  }

  /** Rejects with what `Admit` throws, and with INTERNAL when the thread has died. */
  readonly admit: AdmitLater = async (batch, route, sequence, now) => {
    const lane = this.#lanes[laneOf(route.agreement, batch.from.partition, this.#lanes.length)];
    if (lane === undefined) throw new MeshError("INTERNAL", "There is no lane.");
    return await lane.admit(batch, route, sequence, now);
  };

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

/** Neighbouring partitions go to different lanes. */
function laneOf(agreement: string, partition: number, count: number): number {
  let sum = partition;
  for (let at = 0; at < agreement.length; at += 1) sum += agreement.charCodeAt(at);
  return sum % count;
}

interface Waiting {
  readonly resolve: (admitted: Admitted) => void;
  readonly reject: (error: Error) => void;
}

/** Memory for a run: those of a common size are used again. */
const ROOM_BYTES = 2 * LIMITS.sourceRunBytesTarget;
const ROOMS_MAX = 4;

class Lane {
  readonly #start: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  /** Memory that came back. */
  readonly #rooms: ArrayBuffer[] = [];
  #worker: Worker | undefined;
  #plans = new WeakMap<PolicyPlan, number>();
  #lastId = 0;
  #lastPlan = 0;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  async admit(batch: SourceBatch, route: Route, sequence: number, now: number): Promise<Admitted> {
    const worker = this.#running();
    const number = this.#numberOf(route.plan, worker);
    const id = ++this.#lastId;
    const { agreement, owner, topicId } = route;
    // Batches are views into one answer of the broker, which stays here: what crosses is a copy of its own.
    const bytes = batch.batches.reduce((sum, { length }) => sum + length, 0);
    const memory = this.#room(bytes);
    let at = 0;
    const batches = batch.batches.map((one) => {
      const copy = new Uint8Array(memory, at, one.length);
      copy.set(one);
      at += one.length;
      return copy;
    });
    const { from, next, end } = batch;
    const about = { route: { agreement, owner, topicId }, from, next, end, sequence, now };
    const { promise, resolve, reject } = Promise.withResolvers<Admitted>();
    this.#waiting.set(id, { resolve, reject });
    const message: ToLane = { id, number, memory, batches, ...about };
    worker.postMessage(message, [memory]);
    return await promise;
  }

  #room(bytes: number): ArrayBuffer {
    const at = this.#rooms.findIndex(({ byteLength }) => byteLength >= bytes);
    const [found] = at < 0 ? [] : this.#rooms.splice(at, 1);
    return found ?? new ArrayBuffer(Math.max(bytes, ROOM_BYTES));
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#start();
    worker.on("message", (answer: FromLane) => this.#settle(answer));
    worker.on("error", () => this.#died(worker));
    worker.on("exit", () => this.#died(worker));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #numberOf(plan: PolicyPlan, worker: Worker): number {
    const known = this.#plans.get(plan);
    if (known !== undefined) return known;
    const number = ++this.#lastPlan;
    this.#plans.set(plan, number);
    const message: ToLane = { plan, number };
    worker.postMessage(message);
    return number;
  }

  #settle(answer: FromLane): void {
    const { memory } = answer;
    if (memory.byteLength === ROOM_BYTES && this.#rooms.length < ROOMS_MAX) this.#rooms.push(memory);
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("admitted" in answer) waiting?.resolve(answer.admitted);
    else waiting?.reject(new MeshError(answer.code ?? "INTERNAL", answer.message));
  }

  /** Whatever it was at is decided nowhere, so nothing of it leaves; the next call starts another. */
  #died(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#plans = new WeakMap();
    for (const { reject } of this.#waiting.values())
      reject(new MeshError("INTERNAL", "A lane died while it decided on records."));
    this.#waiting.clear();
  }
}

/** Plans that a lane keeps: the newest of them. */
const PLANS_MAX = 1_000;

/** The other end, inside the thread. `keys`: what a route needs besides what is sent. */
export function serveLane(port: MessagePort, admit: Admit, keys: Pick<Route, "fields" | "opaque">): void {
  const plans = new Map<number, PolicyPlan>();
  port.on("message", (message: ToLane) => {
    if ("id" in message) {
      const { answer, moved } = answerOf(message, plans.get(message.number), admit, keys);
      port.postMessage(answer, moved);
      return;
    }
    plans.set(message.number, message.plan);
    const [oldest] = plans.keys();
    if (plans.size > PLANS_MAX && oldest !== undefined) plans.delete(oldest);
  });
}

function answerOf(
  { id, memory, route, sequence, now, ...batch }: RunForLane,
  plan: PolicyPlan | undefined,
  admit: Admit,
  keys: Pick<Route, "fields" | "opaque">,
): { readonly answer: FromLane; readonly moved: ArrayBuffer[] } {
  try {
    assert(plan !== undefined, "A plan is sent before what it decides.");
    const admitted = admit(batch, { ...route, plan, ...keys }, sequence, now);
    const body = admitted.body && owned(admitted.body);
    const moved = body === undefined ? [memory] : [memory, body.buffer];
    return { answer: { id, memory, admitted: { ...admitted, body } }, moved };
  } catch (error) {
    // The text of a defect may quote a record: only our own errors keep theirs.
    const known = error instanceof MeshError ? error : undefined;
    const answer = { id, memory, code: known?.code, message: known?.message ?? "A defect." };
    return { answer, moved: [memory] };
  }
}

/** In memory of its own, which can be handed over. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const { buffer, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
};
