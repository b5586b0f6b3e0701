import type { Worker } from "node:worker_threads";
import { type ErrorCode, MeshError } from "../../kernel/error.ts";
import { LIMITS } from "../../kernel/limits.ts";
import type { LaneKind, LaneWork } from "./work.ts";

export interface Question {
  readonly id: number;
  readonly kind: LaneKind;
  readonly about: LaneWork[LaneKind]["about"];
  /** Of the fact. */
  readonly number: number;
  readonly pieces: readonly Uint8Array[];
  /** That the pieces lie in. */
  readonly memory: ArrayBuffer;
}
export type ToLane =
  | { readonly fact: LaneWork[LaneKind]["fact"]; readonly number: number }
  /** Number of a fact that no question names any more. */
  | { readonly forget: number }
  | { readonly question: Question };

export type FromLane = {
  readonly id: number;
  /** That the pieces lay in, given back to be used again. */
  readonly memory: ArrayBuffer;
} & (
  | { readonly answer: LaneWork[LaneKind]["answer"] }
  | { readonly code: ErrorCode | undefined; readonly message: string }
);

interface Waiting {
  readonly resolve: (answer: LaneWork[LaneKind]["answer"]) => void;
  readonly reject: (error: Error) => void;
}

/** Asking a thread about fewer bytes takes longer than the work. */
export const ASKED_BYTES_MIN = 32 * 1024;

/** Facts that a thread keeps: those that it was asked with last. */
export const FACTS_MAX = 1_000;

/** Memory for what is sent: that of a common size is used again. */
const ROOM_BYTES = LIMITS.sourceRunBytesTarget + LIMITS.sourceRunBytesTarget / 2;
const ROOMS_MAX = 4;

/** A thread at work, seen from the one that asks. It starts when it is first asked, and again after it has died. */
export class Lane {
  readonly #made: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  /** Memory that came back. */
  readonly #rooms: ArrayBuffer[] = [];
  #worker: Worker | undefined;
  /** What the thread knows already, because it forgets only what it is told to: what it was asked with last comes last. */
  #facts = new Map<LaneWork[LaneKind]["fact"], number>();
  #lastId = 0;
  #lastFact = 0;

  constructor(start: () => Worker) {
    this.#made = start;
  }

  start(): void {
    this.#running();
  }

  /** Rejects with what the work throws, and with INTERNAL when the thread has died. `pieces` are copied at once. */
  async ask<Kind extends LaneKind>(
    kind: Kind,
    about: LaneWork[Kind]["about"],
    fact: LaneWork[Kind]["fact"],
    pieces: readonly Uint8Array[],
  ): Promise<LaneWork[Kind]["answer"]> {
    const worker = this.#running();
    const number = this.#numberOf(fact, worker);
    const id = ++this.#lastId;
    const { memory, copies } = this.#copied(pieces);
    const { promise, resolve, reject } = Promise.withResolvers<LaneWork[LaneKind]["answer"]>();
    this.#waiting.set(id, { resolve, reject });
    tell(worker, { question: { id, kind, about, number, pieces: copies, memory } }, [memory]);
    // One kind of question has one kind of answer.
    return (await promise) as LaneWork[Kind]["answer"];
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Pieces may be views into memory that is used again as soon as they were sent. */
  #copied(pieces: readonly Uint8Array[]): { memory: ArrayBuffer; copies: readonly Uint8Array[] } {
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const found = this.#rooms.findIndex(({ byteLength }) => byteLength >= bytes);
    const [room] = found < 0 ? [] : this.#rooms.splice(found, 1);
    const memory = room ?? new ArrayBuffer(Math.max(bytes, ROOM_BYTES));
    let at = 0;
    const copies = pieces.map((piece) => {
      const copy = new Uint8Array(memory, at, piece.length);
      copy.set(piece);
      at += piece.length;
      return copy;
    });
    return { memory, copies };
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#made();
    worker.on("message", (answer: FromLane) => this.#settle(answer));
    worker.on("error", () => this.#died(worker));
    worker.on("exit", () => this.#died(worker));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #numberOf(fact: LaneWork[LaneKind]["fact"], worker: Worker): number {
    const known = this.#facts.get(fact);
    const number = known ?? ++this.#lastFact;
    if (known === undefined) tell(worker, { fact, number });
    this.#facts.delete(fact);
    this.#facts.set(fact, number);
    if (this.#facts.size > FACTS_MAX) this.#forgetOldest(worker);
    return number;
  }

  /** The thread takes messages in their order: what it was asked with this fact before, it answers before. */
  #forgetOldest(worker: Worker): void {
    const [oldest] = this.#facts;
    if (oldest === undefined) return;
    const [fact, number] = oldest;
    this.#facts.delete(fact);
    tell(worker, { forget: number });
  }

  #settle(answered: FromLane): void {
    const { memory } = answered;
    if (memory.byteLength === ROOM_BYTES && this.#rooms.length < ROOMS_MAX) this.#rooms.push(memory);
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    if ("answer" in answered) waiting?.resolve(answered.answer);
    else waiting?.reject(new MeshError(answered.code ?? "INTERNAL", answered.message));
  }

  /** Whatever it was at is done nowhere, so nothing of it goes further; the next question starts another. */
  #died(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#facts = new Map();
    for (const { reject } of this.#waiting.values())
      reject(new MeshError("INTERNAL", "A lane died while it was at work."));
    this.#waiting.clear();
  }
}

const tell = (worker: Worker, message: ToLane, moved: readonly ArrayBuffer[] = []): void =>
  worker.postMessage(message, moved);
