import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { inOrder } from "../../src/bridge/in-order.ts";

async function* numbers(count: number, failure?: Error): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) yield number;
  if (failure !== undefined) throw failure;
}
const never = new Promise<never>(() => undefined);

describe("work in order", () => {
  test("comes out in the order of its source, however it ends", async () => {
    const made = inOrder(
      numbers(20),
      async (number) => {
        for (let turns = (number * 7) % 5; turns > 0; turns -= 1) await turn();
        return number;
      },
      3,
    );
    expect(await Array.fromAsync(made)).toEqual(Array.from({ length: 20 }, (_, number) => number));
  });

  test("is under way for so many at a time, and no more", async () => {
    const asked: number[] = [];
    const made = inOrder(
      numbers(20),
      async (number) => {
        asked.push(number);
        return await never;
      },
      3,
    );
    void made.next();
    for (let turns = 0; turns < 50; turns += 1) await turn();
    expect(asked).toEqual([0, 1, 2]);
  });

  test("fails in its turn: what came before is handed over", async () => {
    const failure = new Error("one");
    const made = inOrder(
      numbers(5),
      async (number) => {
        if (number === 2) throw failure;
        await turn();
        return number;
      },
      5,
    );
    const seen: number[] = [];
    const reading = (async () => {
      for await (const number of made) seen.push(number);
    })();
    await expect(reading).rejects.toBe(failure);
    expect(seen).toEqual([0, 1]);
  });

  test.each([1, 2, 5])(
    "of a source that fails: what it gave before comes first (%s ahead)",
    async (aheadMax) => {
      const failure = new Error("the source");
      const made = inOrder(
        numbers(3, failure),
        async (number) => {
          for (let turns = 0; turns < 5; turns += 1) await turn();
          return number;
        },
        aheadMax,
      );
      const seen: number[] = [];
      const reading = (async () => {
        for await (const number of made) seen.push(number);
      })();
      await expect(reading).rejects.toBe(failure);
      expect(seen).toEqual([0, 1, 2]);
    },
  );

  test("of a source that fails still fails with what failed before", async () => {
    const failure = new Error("one");
    const work = async (number: number): Promise<number> => {
      await turn();
      if (number === 1) throw failure;
      return number;
    };
    const made = inOrder(numbers(3, new Error("the source")), work, 5);
    expect(await made.next()).toMatchObject({ value: 0 });
    await expect(made.next()).rejects.toBe(failure);
  });

  test("ends its source when nobody wants more", async () => {
    let isOver = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let number = 0; ; number += 1) yield number;
      } finally {
        isOver = true;
      }
    }
    for await (const _ of inOrder(endless(), async (number) => await Promise.resolve(number), 3)) break;
    await turn();
    expect(isOver).toBe(true);
  });

  test("that nobody waits for yet may fail without bringing the process down, and so may its source", async () => {
    const work = async (number: number): Promise<number> => {
      if (number === 0) return await never;
      throw new Error("not its turn yet");
    };
    for (const aheadMax of [1, 2, 5]) {
      const made = inOrder(numbers(2, new Error("the source ended")), work, aheadMax);
      void made.next().catch(() => undefined);
      for (let turns = 0; turns < 20; turns += 1) await turn();
    }
  });
});
