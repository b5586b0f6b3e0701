import { expect, test } from "vitest";
import { OneAtATime } from "../../src/mesh/one-at-a-time.ts";

test("steps about one thing follow each other, also after one that failed, and others don't wait for them", async () => {
  const steps = new OneAtATime();
  const ran: string[] = [];
  const { promise, reject } = Promise.withResolvers<void>();
  const first = steps.take("a", async () => await promise);
  const second = steps.take("a", async () => void ran.push("second"));
  await steps.take("b", async () => void ran.push("another's"));
  expect([ran, steps.has("a"), steps.has("b")]).toEqual([["another's"], true, false]);
  reject(new Error("It failed."));
  await expect(first).rejects.toThrow("It failed.");
  await second;
  expect([ran, steps.has("a")]).toEqual([["another's", "second"], false]);
});
