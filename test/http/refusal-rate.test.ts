import { expect, test } from "vitest";
import type { Refusal } from "../../src/http/access.ts";
import { tellSome } from "../../src/http/refusal-rate.ts";
import { LIMITS } from "../../src/kernel/limits.ts";

const { most, perSecond } = LIMITS.http.refusalsTold;
const REFUSAL = { cause: "pin.unknown", method: "GET", route: "/x", pin: undefined, address: "::1" } as const;

test("refusals are told one by one while they are few, then counted into the next one told", () => {
  let time = 1_000_000;
  const told: Refusal[] = [];
  const refuse = tellSome(
    (refusal) => told.push(refusal),
    () => time,
  );
  for (let index = 0; index < most + 7; index++) refuse(REFUSAL);
  expect(told).toHaveLength(most);
  expect(told.every(({ untold }) => untold === 0)).toBe(true);
  time += 1000 / perSecond;
  refuse(REFUSAL);
  refuse(REFUSAL);
  expect(told.slice(most)).toEqual([{ ...REFUSAL, untold: 7 }]);
});

test("a clock that is set back tells no more refusals than before", () => {
  let time = 1_000_000;
  const told: Refusal[] = [];
  const refuse = tellSome(
    (refusal) => told.push(refusal),
    () => time,
  );
  for (let index = 0; index < most; index++) refuse(REFUSAL);
  time = 0;
  refuse(REFUSAL);
  expect(told).toHaveLength(most);
});
