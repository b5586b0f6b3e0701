import { expect, test } from "vitest";
import { readTime } from "../../src/kernel/time-text.ts";

test.each<[string, number]>([
  ["2026-11-22T08:00:00Z", Date.UTC(2026, 10, 22, 8)],
  ["2026-11-22T08:00Z", Date.UTC(2026, 10, 22, 8)],
  ["2026-11-22T08:00:00.25+05:30", Date.UTC(2026, 10, 22, 2, 30, 0, 250)],
  ["2024-02-29", Date.UTC(2024, 1, 29)],
  ["1969-12-31T23:59:59Z", -1_000],
])("%s is a time", (text, ms) => {
  expect(readTime(text)).toBe(ms);
});

test.each([
  "",
  "5",
  "Nov 22 2026",
  "2026",
  "2026-11",
  "2026-11-22T08:00:00",
  "2026-11-22T08:00:00 Z",
  "2026-11-22T08:00:00+25:00",
  "2026-11-22T25:00:00Z",
  "2026-02-30T08:00:00Z",
  "2026-02-29",
  "2026-13-01",
  "2026-00-10",
  "2026-11-22Tx",
  "2026-11-22T08:00:00Z\n",
])("%j is none", (text) => {
  expect(readTime(text)).toBeUndefined();
});
