import { describe, expect, test } from "vitest";
import { sampleKeys } from "../../../src/cli/sample-keys.ts";
import { Candidates } from "../../../src/cli/trace/candidates.ts";
import { chanceMatches, findMatches, type Search, trialsOf } from "../../../src/cli/trace/search.ts";
import { pseudonym } from "../../../src/policy/actions.ts";

const keys = sampleKeys();
const candidates = new Candidates([]);
for (let index = 0; index < 100; index++) candidates.addValue(`M-${index}`, `v:${index}`);
const domain = (name: string) => ({ name, fields: [], open: false });
const search = (wanted: string): Search => ({
  pseudonym: wanted,
  partners: ["urn:x-a:1", "urn:x-a:2"],
  epochs: [1],
  domains: [domain("one"), domain("two"), domain("three")],
  candidates,
  keysAt: () => keys,
});
const made = (length: number) => pseudonym("M-42", "two", length, { partner: "urn:x-a:1", keys });

describe("a search", () => {
  test("knows how many pseudonyms it makes, and tells how far it is", () => {
    const told: number[] = [];
    expect(trialsOf(search("A".repeat(22)))).toBe(600);
    expect(findMatches(search("A".repeat(22)), (tried) => told.push(tried))).toEqual([]);
    expect(told).toEqual([100, 200, 300, 400, 500, 600]);
  });

  test("ends with the first match of a pseudonym that can have no other", () => {
    const told: number[] = [];
    const matches = findMatches(search(made(16)), (tried) => told.push(tried));
    expect(matches).toEqual([{ partner: "urn:x-a:1", epoch: 1, domain: domain("two"), place: "v:42" }]);
    expect(told).toEqual([100, 200]);
  });

  test("goes on after a match that chance may have made", () => {
    const told: number[] = [];
    const matches = findMatches(search(made(1)), (tried) => told.push(tried));
    expect(matches).toContainEqual(expect.objectContaining({ place: "v:42", partner: "urn:x-a:1" }));
    expect(told.at(-1)).toBe(600);
  });

  test("knows how many matches chance makes", () => {
    expect(chanceMatches(search("AA"), 4096)).toBe(1);
    expect(chanceMatches(search("A".repeat(22)), 1e9)).toBeLessThan(1e-20);
  });
});
