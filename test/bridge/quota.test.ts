import { describe, expect, test } from "vitest";
import { Quota } from "../../src/bridge/quota.ts";

const frames = (bytes: number) => [new Uint8Array(bytes)];

describe("a quota", () => {
  test("of records makes a frame wait for what the one before cost", () => {
    const quota = new Quota({ recordsPerSecond: 100 }, 0);
    quota.spend([{ count: 250 }], frames(10));
    expect(quota.waitMs(0)).toBe(2_500);
    expect(quota.waitMs(2_000)).toBe(500);
    expect(quota.waitMs(2_500)).toBe(0);
  });
  test("of bytes and of records counts the dearer of the two", () => {
    const quota = new Quota({ recordsPerSecond: 1_000, bytesPerSecond: 1_000 }, 0);
    quota.spend([{ count: 1 }], frames(3_000));
    expect(quota.waitMs(0)).toBe(3_000);
  });
  test("saves up no time that was not used", () => {
    const quota = new Quota({ recordsPerSecond: 10 }, 0);
    expect(quota.waitMs(60_000)).toBe(0);
    quota.spend([{ count: 10 }], frames(1));
    expect(quota.waitMs(60_000)).toBe(1_000);
  });
  test("that is not agreed never waits", () => {
    const quota = new Quota(undefined, 0);
    quota.spend([{ count: 1_000_000 }], frames(1_000_000));
    expect(quota.waitMs(0)).toBe(0);
  });
});
