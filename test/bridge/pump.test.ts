import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/bridge/clock.ts";
import { pump, TICK, withTicks } from "../../src/bridge/pump.ts";

const act = (time: number) =>
  ({ kind: "act", act: "agreement.approved", time: String(time), actor: "operator" }) as const;

async function* of<Value>(...values: Value[]): AsyncIterable<Value> {
  yield* values;
}

describe("the pump", () => {
  const noDecisions = { append: async () => undefined };

  test("commits in order what is to be told, each once its decision is written down", async () => {
    const order: string[] = [];
    await pump({
      source: of(1, 2, 3),
      admit: (batch) => (batch === 2 ? undefined : { decisions: [act(batch)], batch }),
      decisions: { append: async ([decision]) => void order.push(`decision ${decision?.time}`) },
      sink: { commit: async ({ batch }) => void order.push(`commit ${batch}`) },
    });
    expect(order.filter((what) => what.startsWith("commit"))).toEqual(["commit 1", "commit 3"]);
    for (const batch of [1, 3])
      expect(order.indexOf(`decision ${batch}`)).toBeLessThan(order.indexOf(`commit ${batch}`));
  });

  test("decides the next batches while the log writes, and no more than a few", async () => {
    const written = Promise.withResolvers<void>();
    const decided: number[] = [];
    const committed: number[] = [];
    const pumping = pump({
      source: of(1, 2, 3, 4, 5, 6, 7, 8),
      admit: (batch) => {
        decided.push(batch);
        return { decisions: [], batch };
      },
      decisions: { append: async () => await written.promise },
      sink: { commit: async ({ batch }) => void committed.push(batch) },
    });
    await turn();
    expect(decided).toEqual([1, 2, 3, 4]);
    expect(committed).toEqual([]);
    written.resolve();
    await pumping;
    expect(committed).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("gives the sink the next while it is still busy, in order", async () => {
    const first = Promise.withResolvers<void>();
    const given: number[] = [];
    const pumping = pump({
      source: of(1, 2, 3),
      admit: (batch) => ({ decisions: [], batch }),
      decisions: noDecisions,
      sink: {
        commit: async ({ batch }) => {
          given.push(batch);
          if (batch === 1) await first.promise;
        },
      },
    });
    await turn();
    expect(given).toEqual([1, 2, 3]);
    first.resolve();
    await pumping;
  });

  test("gives the sink nothing more after a failure, and throws it when all is over", async () => {
    const given: number[] = [];
    let over = false;
    const pumping = pump({
      source: of(1, 2, 3, 4, 5, 6),
      admit: (batch) => ({ decisions: [], batch }),
      decisions: noDecisions,
      sink: {
        commit: async ({ batch }) => {
          given.push(batch);
          await turn();
          over = true;
          throw new Error(`the sink has gone at ${batch}`);
        },
      },
    });
    await expect(pumping).rejects.toThrow("the sink has gone at 1");
    expect(over).toBe(true);
    expect(given.length).toBeLessThan(6);
  });

  test("commits in order though a later decision is written down first", async () => {
    const written = [1, 2].map(() => Promise.withResolvers<void>());
    const committed: number[] = [];
    const pumping = pump({
      source: of(0, 1),
      admit: (batch) => ({ decisions: [act(batch)], batch }),
      decisions: { append: async ([decision]) => await written[Number(decision?.time)]?.promise },
      sink: { commit: async ({ batch }) => void committed.push(batch) },
    });
    written[1]?.resolve();
    await turn();
    expect(committed).toEqual([]);
    written[0]?.resolve();
    await pumping;
    expect(committed).toEqual([0, 1]);
  });

  test("commits nothing of what came before a decision that can't be written, either", async () => {
    const first = Promise.withResolvers<void>();
    const committed: number[] = [];
    const pumping = pump({
      source: of(1, 2),
      admit: (batch) => ({ decisions: [act(batch)], batch }),
      decisions: {
        append: async ([decision]) => {
          if (decision?.time === "1") return await first.promise;
          throw new Error("the log is away");
        },
      },
      sink: { commit: async ({ batch }) => void committed.push(batch) },
    });
    const failed = expect(pumping).rejects.toThrow("the log is away");
    await turn();
    first.resolve();
    await failed;
    expect(committed).toEqual([]);
  });

  test("commits nothing when the decision can't be written", async () => {
    const committed: number[] = [];
    const pumping = pump({
      source: of(1, 2),
      admit: (batch) => ({ decisions: [], batch }),
      decisions: {
        append: async () => {
          throw new Error("the log is away");
        },
      },
      sink: { commit: async ({ batch }) => void committed.push(batch) },
    });
    await expect(pumping).rejects.toThrow("the log is away");
    expect(committed).toEqual([]);
  });
});

describe("a pump into a transactional sink", () => {
  test("begins before the decision is durable, in order, and says when it is", async () => {
    const written = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const pumping = pump({
      source: of(0, 1, 2),
      admit: (batch) => ({ decisions: [act(batch)], batch }),
      decisions: { append: async ([decision]) => await written[Number(decision?.time)]?.promise },
      sink: {
        isTransactional: true,
        commit: async ({ batch }, durable) => {
          order.push(`begin ${batch}`);
          await durable;
          order.push(`end ${batch}`);
        },
      },
      underWayMax: 2,
    });
    await turn();
    expect(order).toEqual(["begin 0", "begin 1"]);
    written[0]?.resolve();
    await turn();
    expect(order).toEqual(["begin 0", "begin 1", "end 0", "begin 2", "end 2"]);
    written[1]?.resolve();
    await pumping;
    expect(order.at(-1)).toBe("end 1");
  });

  test("fails with the decision, and begins nothing more", async () => {
    const begun: number[] = [];
    const pumping = pump({
      source: of(1, 2, 3, 4, 5),
      admit: (batch) => ({ decisions: [], batch }),
      decisions: {
        append: async () => {
          await turn();
          throw new Error("the log is away");
        },
      },
      sink: {
        isTransactional: true,
        commit: async ({ batch }, durable) => {
          begun.push(batch);
          await durable;
        },
      },
      underWayMax: 2,
    });
    await expect(pumping).rejects.toThrow("the log is away");
    expect(begun).toEqual([1, 2]);
  });
});

describe("ticks", () => {
  test("come while nothing else does, and lose no batch", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slow(): AsyncIterable<string> {
      yield "first";
      await held;
      yield "second";
    }
    const seen: (string | typeof TICK)[] = [];
    for await (const batch of withTicks(slow(), 5, systemClock)) {
      seen.push(batch);
      if (seen.filter((one) => one === TICK).length === 3) release();
    }
    expect(seen.filter((one) => one !== TICK)).toEqual(["first", "second"]);
    expect(seen.filter((one) => one === TICK).length).toBeGreaterThanOrEqual(3);
  });
  test("let the source's failure through", async () => {
    async function* failing(): AsyncIterable<number> {
      yield 1;
      throw new Error("gone");
    }
    const reading = (async () => {
      for await (const _ of withTicks(failing(), 1_000, systemClock));
    })();
    await expect(reading).rejects.toThrow("gone");
  });

  test("leave nothing behind with a source that is silent for long", async () => {
    const silence = new Promise<IteratorResult<number>>(() => undefined);
    const waiting = vi.spyOn(silence, "then");
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => silence }) };
    const clock = { now: () => 0, sleep: async () => await turn() };
    const ticks = withTicks(silent, 1, clock);
    for (let each = 0; each < 100; each += 1) await ticks.next();
    await ticks.return(undefined);
    expect(waiting.mock.calls.length).toBeLessThan(3);
  });
});
