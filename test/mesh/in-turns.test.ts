import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { inTurns } from "../../src/mesh/in-turns.ts";

/** Works without a pause, as long as `goesOn`. */
function* busy(goesOn: () => boolean): Generator<number> {
  for (let count = 0; goesOn(); count += 1) yield count;
}

it("values at hand leave a turn to whatever else waits, and come in their order", async () => {
  const deadline = performance.now() + 10_000;
  let isOver = false;
  const other = sleep(1).then(() => {
    isOver = true;
  });
  const taken: number[] = [];
  for await (const value of inTurns(busy(() => !isOver && performance.now() < deadline))) taken.push(value);
  expect(isOver).toBe(true);
  await other;
  expect(taken).toEqual(taken.map((_, at) => at));
});

it("the end and a failure of what is gone through are those of the values", async () => {
  const failing = async function* () {
    yield 1;
    throw new Error("It broke.");
  };
  const taken: number[] = [];
  const all = async () => {
    for await (const value of inTurns(failing())) taken.push(value);
  };
  await expect(all()).rejects.toThrow("It broke.");
  expect(taken).toEqual([1]);
  expect(await Array.fromAsync(inTurns([]))).toEqual([]);
});
