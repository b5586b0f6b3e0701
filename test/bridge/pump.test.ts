import { describe, expect, test } from "vitest";
import { pump, TICK, withTicks } from "../../src/bridge/pump.ts";

async function* of<Value>(...values: Value[]): AsyncIterable<Value> {
  yield* values;
}

describe("the pump", () => {
  test("writes each decision down before it commits what was decided", async () => {
    const order: string[] = [];
    await pump({
      source: of(1, 2, 3),
      admit: (batch) => (batch === 2 ? undefined : { decisions: [], batch }),
      decisions: { append: async () => void order.push("decision") },
      sink: { commit: async ({ batch }) => void order.push(`commit ${batch}`) },
    });
    expect(order).toEqual(["decision", "commit 1", "decision", "commit 3"]);
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
    for await (const batch of withTicks(slow(), 5)) {
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
      for await (const _ of withTicks(failing(), 1_000));
    })();
    await expect(reading).rejects.toThrow("gone");
  });
});
