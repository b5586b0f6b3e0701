import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  instantOf,
  instantText,
  isDateTime,
  isFullDate,
  truncateDate,
  truncateInstant,
} from "../../src/policy/civil-date.ts";

const anyInstant = fc.integer({ min: Date.UTC(1, 0, 8), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });

/** The engine's own calendar is the oracle. */
const text = (ms: number): string => new Date(ms).toISOString().replace(/\.000Z$/, "Z");

const START = {
  year: (date: Date) => Date.UTC(date.getUTCFullYear(), 0, 1),
  quarter: (date: Date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3), 1),
  month: (date: Date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
  "iso-week": (date: Date) =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - ((date.getUTCDay() + 6) % 7)),
  day: (date: Date) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()),
  hour: (date: Date) => date.getTime() - (((date.getTime() % 3_600_000) + 3_600_000) % 3_600_000),
  minute: (date: Date) => date.getTime() - (((date.getTime() % 60_000) + 60_000) % 60_000),
} as const;
const UNITS = ["year", "quarter", "month", "iso-week", "day", "hour", "minute"] as const;

describe("the calendar", () => {
  it("writes and reads instants as ECMAScript's does", () => {
    fc.assert(
      fc.property(anyInstant, (ms) => {
        expect(instantText(ms)).toBe(text(ms));
        expect(instantOf(text(ms))).toBe(ms);
      }),
    );
  });

  it.each(UNITS)("truncates to the %s as ECMAScript's calendar says, as a number and as text", (unit) => {
    // Date.UTC takes the years 0 to 99 for the 1900s.
    const since100 = fc.integer({ min: Date.UTC(100, 0, 8), max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(since100, (ms) => {
        const start = START[unit](new Date(ms));
        expect(truncateInstant(ms, unit)).toBe(start);
        const milliseconds = new Date(ms).toISOString();
        expect(truncateDate(milliseconds, unit)).toBe(new Date(start).toISOString());
      }),
    );
  });

  it("knows an instant by its offset", () => {
    expect(instantOf("2026-11-22T10:00:00+02:00")).toBe(Date.UTC(2026, 10, 22, 8));
    expect(instantOf("2026-11-22T10:00:00-05:30")).toBe(Date.UTC(2026, 10, 22, 15, 30));
    expect(instantOf("2026-11-22")).toBe(Date.UTC(2026, 10, 22));
    expect(instantOf("2026-11-22T10:00:00.123456Z")).toBe(Date.UTC(2026, 10, 22, 10, 0, 0, 123));
  });

  it.each(["2026-11-22T10:00:00", "2026-11-22T10:00Z", "tomorrow", "2026-1-2"])(
    "knows no instant %s",
    (given) => {
      expect(instantOf(given)).toBeUndefined();
    },
  );

  it("writes no instant outside the years that RFC 3339 has", () => {
    expect(instantText(Date.UTC(10_000, 0, 1))).toBeUndefined();
    expect(instantText(Number.NaN)).toBeUndefined();
  });

  it("tells dates from date-times", () => {
    expect([isFullDate("2024-02-29"), isFullDate("2023-02-29"), isFullDate("2024-02-29T00:00:00Z")]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isDateTime("2024-02-29T00:00:00Z"), isDateTime("2024-02-29")]).toEqual([true, false]);
  });
});
