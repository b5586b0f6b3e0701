import { beforeAll, describe, expect, test, vi } from "vitest";
import { BROKEN, withBroken } from "./broken-guards.ts";
import { type Ground, ground } from "./companies.ts";
import { play } from "./lane.ts";
import { Schedule } from "./schedule.ts";

vi.mock("node:crypto", async (original) =>
  (await import("./quick-signatures.ts")).withQuickSignatures(await original()),
);

let both: Ground;
beforeAll(async () => {
  both = await ground();
});

describe("the simulation finds out when", () => {
  /** Schedules that a broken guard may outlive. */
  const SCHEDULES = 400;

  test.each(Object.entries(BROKEN))("%s", async (_, { finding, ...guards }) => {
    const found: string[] = [];
    for (let seed = 1; seed <= SCHEDULES && !found.some((violation) => finding.test(violation)); seed += 1) {
      const { violations } = await play(seed, () => new Schedule(seed, both, withBroken(guards)));
      found.push(...violations);
    }
    expect(found.join("\n")).toMatch(finding);
  });
});

describe("a schedule", () => {
  test.each([3, 50, 77])("is the same each time that seed %i is played", async (seed) => {
    const first = await play(seed, () => new Schedule(seed, both));
    expect(await play(seed, () => new Schedule(seed, both))).toEqual(first);
  });
});
