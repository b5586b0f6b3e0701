import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Heartbeat } from "../../src/kafka/group-heartbeat.ts";
import { SESSION_MS } from "../../src/kafka/group-requests.ts";

let now = 0;
let heartbeat: Heartbeat | undefined;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  heartbeat?.stop();
  vi.restoreAllMocks();
});

function begun(beat: () => Promise<void>): Heartbeat {
  heartbeat = new Heartbeat(now, beat);
  return heartbeat;
}

describe("the heartbeat of a member that hung", () => {
  test("knows at once that others have its share, and does not come back to it", () => {
    const beating = begun(async () => undefined);
    now = SESSION_MS - 1;
    expect([beating.stands, beating.over.aborted]).toEqual([true, false]);
    now = SESSION_MS;
    expect([beating.stands, beating.over.aborted]).toEqual([false, true]);
    now = 0;
    expect(beating.stands).toBe(false);
  });

  test("does not take an answer that lay there for news", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const beating = begun(async () => {
      asked.resolve();
      await answer.promise;
    });
    await asked.promise;
    now = 60_000;
    answer.resolve();
    await turn();
    expect([beating.stands, beating.over.aborted]).toEqual([false, true]);
  });

  test("has nothing any more once it has left", () => {
    const beating = begun(async () => undefined);
    beating.stop();
    now = 60_000;
    expect([beating.stands, beating.over.aborted]).toEqual([false, false]);
  });
});
