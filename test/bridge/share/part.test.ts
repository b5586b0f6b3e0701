import { describe, expect, test } from "vitest";
import { ownPartitions, partOf } from "../../../src/bridge/share/part.ts";
import type { LinkShare } from "../../../src/kernel/link-groups.ts";

const cursorsOf = (...partitions: readonly number[]) => ({
  cursors: new Map(partitions.map((partition) => [partition, { partition, sequence: 1n, metadata: "" }])),
});
const shareOf = (isBegun: boolean): LinkShare => ({
  slot: 0,
  partitions: [0, 2],
  of: 4,
  isBegun,
  generation: 1,
  member: "one",
  stands: () => true,
});
const ALL = [0, 1, 2];

describe("what a session has", () => {
  test("of a link that is all this process's is all, and the rest where some are left out", () => {
    const link = { partitions: 3 };
    expect(ownPartitions(link)).toEqual(ALL);
    expect(partOf(link, ALL, cursorsOf())).toEqual({ partitions: ALL, of: 3, isWhole: true });
    const out = { ...link, without: new Set([1]) };
    expect(partOf(out, ALL, cursorsOf(...ALL))).toEqual({ partitions: [0, 2], of: 3, isWhole: false });
  });

  test("is all while a partition has no cursor", () => {
    const out = { partitions: 3, without: new Set([1]) };
    expect(partOf(out, ALL, cursorsOf(1, 2))).toEqual({ partitions: ALL, of: 3, isWhole: true });
  });

  test("is all where nothing would be left", () => {
    const out = { partitions: 3, without: new Set(ALL) };
    expect(partOf(out, ALL, cursorsOf(...ALL))).toEqual({ partitions: ALL, of: 3, isWhole: true });
  });

  test("of a shared link is the share without what is left out, once the link has begun", () => {
    const shared = { partitions: 4, share: shareOf(true), without: new Set([0, 1]) };
    expect(ownPartitions(shared)).toEqual([0, 2]);
    expect(partOf(shared, [0, 2], cursorsOf(0))).toEqual({ partitions: [2], of: 4, isWhole: false });
    const begins = { ...shared, share: shareOf(false) };
    expect(partOf(begins, [0, 2], cursorsOf())).toEqual({ partitions: [0, 2], of: 4, isWhole: true });
  });
});
