import { expect, test } from "vitest";
import { Allowance } from "../../src/kernel/allowance.ts";

const takes = (allowance: Allowance, ...times: readonly number[]) => times.map((now) => allowance.take(now));

test("an allowance is so many times at once, and no more than that however long nothing was taken", () => {
  const allowance = new Allowance({ most: 2, perSecond: 1 / 60 }, 0);
  expect(takes(allowance, 0, 0, 0)).toEqual([true, true, false]);
  expect(takes(allowance, 59_999, 60_000, 60_000)).toEqual([false, true, false]);
  expect(takes(allowance, 86_400_000, 86_400_000, 86_400_000)).toEqual([true, true, false]);
});

test("an allowance is not filled by a clock that is set back", () => {
  const allowance = new Allowance({ most: 1, perSecond: 1 }, 10_000);
  expect(takes(allowance, 10_000, 0, 999, 1_000)).toEqual([true, false, false, true]);
});
