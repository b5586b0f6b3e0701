import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Linger } from "../../src/bridge/linger.ts";
import { LIMITS } from "../../src/kernel/limits.ts";
import { MemoryClock } from "../support/memory-clock.ts";

const KIB = 1024;
const frame = (bytes: number) => ({ body: new Uint8Array(bytes) });

/** A linger that has begun over `first`, with what a test moves it by. */
function begun(first: number) {
  const clock = new MemoryClock(0);
  const linger = new Linger(clock);
  const stop = new AbortController();
  const held = [frame(first)];
  let isOver = false;
  void linger
    .over(() => held, stop.signal)
    .then(() => {
      isOver = true;
    });
  const comes = (bytes: number): void => {
    held.push(frame(bytes));
    linger.wake();
  };
  const settled = async (): Promise<boolean> => {
    await turn();
    return isOver;
  };
  return { clock, stop, comes, settled };
}

describe("frames that are ready", () => {
  test("go at once when they are small", async () => {
    expect(await begun(127 * KIB).settled()).toBe(true);
  });

  test("wait for more when the last is as large as of a backlog, but not long", async () => {
    const { clock, settled } = begun(128 * KIB);
    expect(await settled()).toBe(false);
    clock.advance(49);
    expect(await settled()).toBe(false);
    clock.advance(1);
    expect(await settled()).toBe(true);
  });

  test("go as soon as they are enough", async () => {
    const { comes, settled } = begun(128 * KIB);
    comes(128 * KIB);
    expect(await settled()).toBe(false);
    comes(LIMITS.transactionBytesTarget / 2 - 256 * KIB);
    expect(await settled()).toBe(true);
  });

  test("go as soon as the backlog ends: a small one came last", async () => {
    const { comes, settled } = begun(512 * KIB);
    comes(1 * KIB);
    expect(await settled()).toBe(true);
  });

  test("go when the link is stopped, which then writes nothing", async () => {
    const { stop, settled } = begun(512 * KIB);
    expect(await settled()).toBe(false);
    stop.abort();
    expect(await settled()).toBe(true);
  });
});
