import { describe, expect, test } from "vitest";
import { readCandidate, readTold, writeCandidate, writeTold } from "../../src/kafka/group-messages.ts";

const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe("what members of a group say to each other", () => {
  test("is read as it was written", () => {
    const candidate = { slot: 2, held: [1, 5], partitions: 6 };
    expect(readCandidate("m", writeCandidate(candidate))).toEqual({ member: "m", ...candidate });
    const newcomer = { slot: undefined, held: [], partitions: 6 };
    expect(readCandidate("m", writeCandidate(newcomer))).toEqual({ member: "m", ...newcomer });
    const told = { part: { slot: 0, partitions: [0, 3] }, isBegun: true, partitions: 6 };
    expect(readTold(writeTold(told))).toEqual(told);
    const standby = { part: undefined, isBegun: false, partitions: 6 };
    expect(readTold(writeTold(standby))).toEqual(standby);
  });

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["no JSON", Buffer.from("{")],
    ["a list", text([1])],
    ["slots and partitions that are none", text({ slot: -1, held: ["0", 1.5, null], partitions: 1e9 })],
  ])("counts as not said where it is %s", (_, said) => {
    expect(readCandidate("m", said)).toEqual({ member: "m", slot: undefined, held: [], partitions: 0 });
    expect(readTold(said)).toEqual({ part: undefined, isBegun: false, partitions: 0 });
  });

  test("names each partition once", () => {
    expect(readCandidate("m", text({ slot: 0, held: [1, 1, 2], partitions: 3 })).held).toEqual([1, 2]);
  });
});
