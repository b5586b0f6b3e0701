import { expect, test } from "vitest";
import { unlessAborted } from "../../../../dev/bench/race/contestant.ts";
import { CONTESTANTS, REFERENCE } from "../../../../dev/bench/race/contestants.ts";

const NEVER = new Promise<never>(() => {});

test("an act has its outcome while nobody aborts", async () => {
  const { signal } = new AbortController();
  await expect(unlessAborted(signal, Promise.resolve(1))).resolves.toBe(1);
  await expect(unlessAborted(signal, Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("an act that would never end is left as soon as somebody aborts", async () => {
  const stop = new AbortController();
  const left = unlessAborted(stop.signal, NEVER);
  stop.abort(new Error("over"));
  await expect(left).rejects.toThrow("over");
  await expect(unlessAborted(stop.signal, NEVER)).rejects.toThrow("over");
});

test("the reference is one of those who race, and every name is there once", () => {
  const names = CONTESTANTS.map(({ name }) => name);
  expect(names).toContain(REFERENCE);
  expect(new Set(names).size).toBe(names.length);
});
