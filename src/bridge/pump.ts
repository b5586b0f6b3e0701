import type { Decision } from "../kernel/decision.ts";
import type { DecisionLog } from "../kernel/ports.ts";

/** The two ends of a link and the decision between them. */
export interface Ends<Batch, Outcome extends Decided> {
  /** Batches in order; endless until the link stops. */
  readonly source: AsyncIterable<Batch>;
  /** Pure but for the chain it carries on; undefined: nothing is to be told yet. Throws MeshError. */
  readonly admit: (batch: Batch) => Outcome | undefined;
  readonly decisions: DecisionLog;
  readonly sink: { commit(outcome: Outcome): Promise<void> };
}
export interface Decided {
  readonly decisions: readonly Decision[];
}

/**
 * The whole data path, for both ends of a link: the publisher reads Kafka and writes frames, the subscriber reads frames and
 * writes Kafka. Nothing leaves, and nothing is stored, before its decision is durable.
 */
export async function pump<Batch, Outcome extends Decided>(ends: Ends<Batch, Outcome>): Promise<void> {
  for await (const batch of ends.source) {
    const outcome = ends.admit(batch);
    if (outcome === undefined) continue;
    await ends.decisions.append(outcome.decisions);
    await ends.sink.commit(outcome);
  }
}

/** Between two batches nothing came for a while. */
export const TICK = Symbol("tick");

/** The same batches, with a TICK whenever `everyMs` pass without one, so that one loop can also do what is due by time. */
export async function* withTicks<Batch>(
  batches: AsyncIterable<Batch>,
  everyMs: number,
): AsyncIterable<Batch | typeof TICK> {
  const iterator = batches[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const timer = delay(everyMs);
      const first = await Promise.race([next, timer.elapsed]);
      timer.stop();
      if (first === TICK) {
        yield TICK;
        continue;
      }
      if (first.done === true) return;
      yield first.value;
      next = iterator.next();
    }
  } finally {
    // The source may be inside a long poll: it ends by its own signal, nobody waits for it here.
    next.catch(() => undefined);
    iterator.return?.()?.catch(() => undefined);
  }
}

function delay(ms: number): { readonly elapsed: Promise<typeof TICK>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<typeof TICK>((resolve) => {
    timer = setTimeout(() => resolve(TICK), ms);
  });
  return { elapsed, stop: () => clearTimeout(timer) };
}
