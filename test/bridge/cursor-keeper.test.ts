import { beforeEach, describe, expect, test } from "vitest";
import { CursorKeeper } from "../../src/bridge/cursor-keeper.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let now: number;
let keeper: CursorKeeper;
let tries: number;
beforeEach(() => {
  now = 1_000 * HOUR;
  keeper = new CursorKeeper({ now: () => now, sleep: async () => undefined });
  tries = 0;
});
const again = async (failure?: Error): Promise<void> =>
  await keeper.keep(async () => {
    tries += 1;
    if (failure !== undefined) throw failure;
  });

describe("cursors of a link at rest are committed again", () => {
  test("at once where nobody knows how old they are, and then every twelve hours", async () => {
    await again();
    expect(tries).toBe(1);
    now += 12 * HOUR;
    await again();
    expect(tries).toBe(1);
    now += 1;
    await again();
    expect(tries).toBe(2);
  });

  test("not before twelve hours after the link ran", async () => {
    keeper.kept();
    now += 11 * HOUR;
    await again();
    expect(tries).toBe(0);
  });

  test("a minute after an attempt that failed", async () => {
    await again(new Error("Kafka is away."));
    now += MINUTE - 1;
    await again();
    expect(tries).toBe(1);
    now += 1;
    await again();
    expect(tries).toBe(2);
  });

  test("also when the clock that they were committed by was days ahead", async () => {
    keeper.kept();
    now -= 240 * HOUR;
    await again();
    expect(tries).toBe(1);
  });
});
