import { describe, expect, it } from "vitest";
import { PARTITIONS, partitionOf } from "../../../dev/demo/feed.ts";
import { FEEDS } from "../../../dev/demo/feeds/feeds.ts";

const MANY = 240;

describe.each(FEEDS)("the feed of $contract", (feed) => {
  const made = Array.from({ length: MANY }, (_, n) => feed.make(n));

  it("marks no two records alike", () => {
    expect(new Set(made.map(({ mark }) => mark)).size).toBe(MANY);
  });

  it("holds records that leave and, for more than one reason, records that do not", () => {
    const fates = new Set(made.map(({ fate }) => fate));
    expect(fates).toContain("leaves");
    expect(fates.size).toBeGreaterThan(2);
    expect(made.filter(({ fate }) => fate === "leaves").length).toBeGreaterThan(MANY / 2);
  });

  it("fills every partition", () => {
    expect(new Set(made.map(({ key }) => partitionOf(key))).size).toBe(PARTITIONS);
  });

  it("can be read where it must leave", () => {
    for (const { value, fate } of made) if (fate === "leaves") expect(JSON.parse(value)).toBeTypeOf("object");
  });
});
