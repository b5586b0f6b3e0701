import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Candidate, type Part, sharedOut } from "../../src/kafka/group-plan.ts";

const candidate = (member: string, slot?: number, ...held: readonly number[]): Candidate => ({
  member,
  slot,
  held,
  partitions: 6,
});
const part = (slot: number, ...partitions: readonly number[]): Part => ({ slot, partitions });
const newcomer = (member: string): Candidate => candidate(member);

describe("the partitions of a link", () => {
  test.each<[string, readonly Candidate[], number, Readonly<Record<string, Part>>]>([
    ["go to one who is alone", [newcomer("a")], 3, { a: part(0, 0, 1, 2, 3, 4, 5) }],
    [
      "are shared evenly by those that come together",
      [newcomer("b"), newcomer("a")],
      3,
      { a: part(0, 0, 2, 4), b: part(1, 1, 3, 5) },
    ],
    [
      "stay where they are as far as a newcomer's share allows",
      [candidate("a", 0, 0, 1, 2), candidate("b", 1, 3, 4, 5), newcomer("c")],
      3,
      { a: part(0, 0, 1), b: part(1, 3, 4), c: part(2, 2, 5) },
    ],
    [
      "of one that went go to those that are left, whose slots close up",
      [candidate("b", 1, 2, 3), candidate("c", 2, 4, 5)],
      3,
      { b: part(1, 0, 2, 3), c: part(0, 1, 4, 5) },
    ],
    [
      "are not given to more than may share: who came last stands by",
      [newcomer("z"), candidate("a", 0, 0, 1, 2), candidate("b", 1, 3, 4, 5)],
      2,
      { a: part(0, 0, 1, 2), b: part(1, 3, 4, 5) },
    ],
    [
      "that two claim are given to one of them",
      [candidate("a", 0, 0, 1, 2), candidate("b", 0, 0, 1, 2)],
      2,
      { a: part(0, 0, 1, 2), b: part(1, 3, 4, 5) },
    ],
  ])("%s", (_, candidates, shares, wanted) => {
    expect(Object.fromEntries(sharedOut(candidates, 6, shares))).toEqual(wanted);
  });

  const claims = fc.record({
    slot: fc.option(fc.nat(20), { nil: undefined }),
    held: fc.uniqueArray(fc.nat(40)),
  });
  const worlds = fc.record({
    claims: fc.array(claims, { minLength: 1, maxLength: 8 }),
    partitions: fc.integer({ min: 1, max: 32 }),
    shares: fc.integer({ min: 1, max: 8 }),
  });
  const candidatesOf = (given: readonly Pick<Candidate, "slot" | "held">[], partitions: number) =>
    given.map((claim, at): Candidate => ({ member: `m${at}`, partitions, ...claim }));

  test("are each in one share, whatever members claim; shares are even, and slots without a gap", () => {
    fc.assert(
      fc.property(worlds, ({ claims: given, partitions, shares }) => {
        const parts = [...sharedOut(candidatesOf(given, partitions), partitions, shares).values()];
        const all = parts.flatMap((each) => each.partitions);
        expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, at) => at));
        expect(parts.map(({ slot }) => slot).toSorted((a, b) => a - b)).toEqual([...parts.keys()]);
        expect(parts).toHaveLength(Math.min(given.length, shares, partitions));
        const sizes = parts.map((each) => each.partitions.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("stay exactly where they are when the group forms anew with the same members", () => {
    fc.assert(
      fc.property(worlds, ({ claims: given, partitions, shares }) => {
        const first = sharedOut(candidatesOf(given, partitions), partitions, shares);
        const again = given.map((_, at): Candidate => {
          const found = first.get(`m${at}`);
          return { member: `m${at}`, partitions, slot: found?.slot, held: found?.partitions ?? [] };
        });
        expect(sharedOut(again, partitions, shares)).toEqual(first);
        expect(sharedOut(again.toReversed(), partitions, shares)).toEqual(first);
      }),
    );
  });
});
