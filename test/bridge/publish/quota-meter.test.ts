import { describe, expect, test } from "vitest";
import { QuotaMeter } from "../../../src/bridge/publish/quota-meter.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a rate", () => {
  test("of records makes a frame wait for what the one before cost", () => {
    const meter = new QuotaMeter(0);
    meter.spend({ recordsPerSecond: 100 }, 250, 10);
    expect(meter.waitMs(0)).toBe(2_500);
    expect(meter.waitMs(2_000)).toBe(500);
    expect(meter.waitMs(2_500)).toBe(0);
  });
  test("of bytes and of records counts the dearer of the two", () => {
    const meter = new QuotaMeter(0);
    meter.spend({ recordsPerSecond: 1_000, bytesPerSecond: 1_000 }, 1, 3_000);
    expect(meter.waitMs(0)).toBe(3_000);
  });
  test("is owed as a time to wait, whatever the clock is set back by", () => {
    const meter = new QuotaMeter(HOUR);
    meter.spend({ recordsPerSecond: 10 }, 100, 1);
    expect([meter.waitMs(HOUR), meter.waitMs(0), meter.waitMs(4_000)]).toEqual([10_000, 10_000, 6_000]);
  });
  test("saves up no time that was not used", () => {
    const meter = new QuotaMeter(0);
    expect(meter.waitMs(60_000)).toBe(0);
    meter.spend({ recordsPerSecond: 10 }, 10, 1);
    expect(meter.waitMs(60_000)).toBe(1_000);
  });
  test("that is not agreed never waits", () => {
    const meter = new QuotaMeter(0);
    meter.spend({}, 1_000_000, 1_000_000);
    expect(meter.waitMs(0)).toBe(0);
  });
  test("that changes counts from then on", () => {
    const meter = new QuotaMeter(0);
    meter.spend({ recordsPerSecond: 100 }, 100, 1);
    meter.spend({ recordsPerSecond: 10 }, 100, 1);
    expect(meter.waitMs(0)).toBe(11_000);
  });
});

describe("an alarm", () => {
  const quota = { alarmRecordsPerHour: 100 };

  test("is raised by the record that is one too many within an hour", () => {
    const meter = new QuotaMeter(0);
    expect(meter.alarms(quota, 60, 0)).toBe(false);
    expect(meter.alarms(quota, 40, 59 * MINUTE)).toBe(false);
    expect(meter.alarms(quota, 1, 59 * MINUTE)).toBe(true);
  });

  test("forgets what is more than an hour old", () => {
    const meter = new QuotaMeter(0);
    meter.alarms(quota, 100, 0);
    expect(meter.alarms(quota, 100, 62 * MINUTE)).toBe(false);
    expect(meter.alarms(quota, 100, 500 * HOUR)).toBe(false);
    expect(meter.alarms(quota, 1, 500 * HOUR)).toBe(true);
  });

  test("is told once an hour, however much leaves", () => {
    const meter = new QuotaMeter(0);
    const told = Array.from({ length: 180 }, (_, minute) => meter.alarms(quota, 200, minute * MINUTE));
    expect(told.flatMap((isTold, minute) => (isTold ? [minute] : []))).toEqual([0, 60, 120]);
  });

  test("counts on when the clock is set back", () => {
    const meter = new QuotaMeter(10 * HOUR);
    meter.alarms(quota, 100, 10 * HOUR);
    expect(meter.alarms(quota, 1, 9 * HOUR)).toBe(true);
  });

  test("counts what left before there was a bound", () => {
    const meter = new QuotaMeter(0);
    expect(meter.alarms({}, 1_000, 0)).toBe(false);
    expect(meter.alarms(quota, 0, MINUTE)).toBe(true);
  });
});
