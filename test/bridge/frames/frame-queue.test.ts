import { describe, expect, test } from "vitest";
import { gather } from "../../../src/bridge/frames/frame-queue.ts";
import { MemoryClock } from "../../support/memory-clock.ts";

const clock = new MemoryClock(0);

/** Weighs 2 KiB, with what is reckoned for its header. */
const frame = (number: number) => ({ number, body: Buffer.alloc(1_024) });
type Frame = ReturnType<typeof frame>;

describe("what is gathered", () => {
  test("is everything that was ready, in order, and nothing twice", async () => {
    async function* frames(): AsyncIterable<readonly Frame[]> {
      for (let n = 0; n < 100; n += 1) yield [frame(n)];
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const ready of gather(frames(), 11 * 1_024, clock)) {
        expect(ready.length).toBeLessThanOrEqual(6);
        seen.push(...ready.map(({ number }) => number));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await expect(reading).rejects.toThrow(/ended without saying why/);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });
  test("holds no more than its bound and one frame while nobody takes", async () => {
    let made = 0;
    async function* endless(): AsyncIterable<readonly Frame[]> {
      for (;;) {
        made += 1;
        yield [frame(0)];
      }
    }
    for await (const _ of gather(endless(), 20 * 1_024, clock)) {
      for (let turn = 0; turn < 1_000; turn += 1) await Promise.resolve();
      break;
    }
    expect(made).toBeLessThanOrEqual(22);
  });
  test("is handed over before a failure of the stream is told", async () => {
    async function* failing(): AsyncIterable<readonly Frame[]> {
      yield [frame(1)];
      throw new Error("cut");
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const ready of gather(failing(), 20 * 1_024, clock)) seen.push(ready.length);
    })();
    await expect(reading).rejects.toThrow("cut");
    expect(seen).toEqual([1]);
  });
});
