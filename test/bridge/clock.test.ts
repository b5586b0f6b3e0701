import { expect, test } from "vitest";
import { systemClock } from "../../src/bridge/clock.ts";

test("now is the machine's time in milliseconds", () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now >= before && now <= Date.now()).toBe(true);
});

test("a sleep of years ends at once when its signal aborts, without an error", async () => {
  const stop = new AbortController();
  const slept = systemClock.sleep(1e12, stop.signal);
  stop.abort();
  await expect(slept).resolves.toBeUndefined();
  await expect(systemClock.sleep(1e12, stop.signal)).resolves.toBeUndefined();
});

test("a sleep ends by itself", async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
});
