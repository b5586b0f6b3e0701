import type { Decision } from "../kernel/decision.ts";
import type { Clock, DecisionLog } from "../kernel/ports.ts";

/** The two ends of a link and the decision between them. */
export interface Ends<Batch, Outcome extends Decided> {
  /** Batches in order; endless until the link stops. */
  readonly source: AsyncIterable<Batch>;
  /** Pure but for the chain it carries on; undefined: nothing is to be told yet. Throws MeshError. */
  readonly admit: (batch: Batch) => Outcome | undefined;
  readonly decisions: DecisionLog;
  readonly sink: Sink<Outcome>;
  /** So many outcomes may be on their way, by default 4: while one is written down, the next is decided. */
  readonly underWayMax?: number;
}
export interface Decided {
  readonly decisions: readonly Decision[];
}

export interface Sink<Outcome> {
  /**
   * Called in order, also before the call before has resolved: a sink that can't do both at once waits by itself. `durable`
   * has resolved when it is called.
   */
  commit(outcome: Outcome, durable: Promise<void>): Promise<void>;
  /**
   * Its `commit` is called before the decision is durable, awaits `durable` before anything of the outcome counts, and leaves
   * nothing when that rejects.
   */
  readonly isTransactional?: true;
}

const UNDER_WAY_MAX = 4;

/**
 * The whole data path, for both ends of a link: the publisher reads Kafka and writes frames, the subscriber reads frames and
 * writes Kafka. Nothing leaves, and nothing is committed, before its decision is durable. After a failure nothing more is
 * committed; it is thrown once all that is under way has come to its end.
 */
export async function pump<Batch, Outcome extends Decided>(ends: Ends<Batch, Outcome>): Promise<void> {
  const pipe = new Pipe(ends);
  try {
    for await (const batch of ends.source) {
      if (pipe.failed) break;
      const outcome = ends.admit(batch);
      if (outcome !== undefined) await pipe.take(outcome);
    }
  } finally {
    await pipe.close();
  }
}

class Pipe<Outcome extends Decided> {
  readonly #ends: Omit<Ends<unknown, Outcome>, "source" | "admit">;
  #underWay: Promise<void>[] = [];
  /** Resolves when the sink has been given the last outcome; rejects when it never will be. */
  #given: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(ends: Omit<Ends<unknown, Outcome>, "source" | "admit">) {
    this.#ends = ends;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Resolves when there is room for another. */
  async take(outcome: Outcome): Promise<void> {
    const { decisions, sink, underWayMax = UNDER_WAY_MAX } = this.#ends;
    const durable = decisions.append(outcome.decisions);
    // At once: what is decided later stands on this, and must not be written down without it.
    durable.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    let committed = Promise.resolve();
    const before = this.#given;
    this.#given = (sink.isTransactional ? before : Promise.all([durable, before])).then(() => {
      if (this.#failure !== undefined) throw this.#failure.error;
      committed = sink.commit(outcome, durable);
    });
    const done = this.#given
      .then(async () => await committed)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
    this.#underWay.push(done);
    if (this.#underWay.length >= underWayMax) await this.#underWay.shift();
  }

  /** Waits for what is under way. Throws the first failure. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#underWay = [];
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** It is time to look at what is due. */
export const TICK = Symbol("tick");

/** The same batches, with a TICK between them every `everyMs`, so that one loop can also do what is due by time. */
export async function* withTicks<Batch>(
  batches: AsyncIterable<Batch>,
  everyMs: number,
  clock: Clock,
): AsyncGenerator<Batch | typeof TICK> {
  const iterator = batches[Symbol.asyncIterator]();
  const over = new AbortController();
  let wake = Promise.withResolvers<void>();
  // Waited for once each: a source may be silent for days, and each wait for the same promise stays in memory until it settles.
  const watched = <Value>(promise: Promise<Value>) => {
    const watching = { promise, isOver: false };
    const end = (): void => {
      watching.isOver = true;
      wake.resolve();
    };
    promise.then(end, end);
    return watching;
  };
  let next = watched(iterator.next());
  let ticking = watched(clock.sleep(everyMs, over.signal));
  try {
    for (;;) {
      if (ticking.isOver) {
        await ticking.promise;
        ticking = watched(clock.sleep(everyMs, over.signal));
        yield TICK;
      } else if (next.isOver) {
        const { done, value } = await next.promise;
        if (done === true) return;
        yield value;
        next = watched(iterator.next());
      } else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  } finally {
    over.abort();
    // The source may be inside a long poll: it ends by its own signal, nobody waits for it here.
    iterator.return?.()?.catch(() => undefined);
  }
}
