import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterFailure, backoffMs, type LinkState } from "../../../src/bridge/links/link-state.ts";
import { MeshError } from "../../../src/kernel/error.ts";

const running: LinkState = { phase: "running", code: "", detail: "", since: 0, failures: 3 };
const away = new MeshError("KAFKA_UNAVAILABLE", "The broker is away.");

describe("a link that fails", () => {
  test("waits when time may mend it, and says why", () => {
    expect(afterFailure(running, away, 5_000)).toEqual({
      phase: "waiting",
      code: "KAFKA_UNAVAILABLE",
      detail: "The broker is away.",
      since: 5_000,
      failures: 4,
      last: { code: "KAFKA_UNAVAILABLE", detail: "The broker is away.", at: 5_000 },
    });
  });
  test("stops when only a person can mend it", () => {
    const gone = new MeshError("SOURCE_RECREATED", "The topic was made again.");
    expect(afterFailure(running, gone, 1)).toMatchObject({ phase: "stopped", code: "SOURCE_RECREATED" });
  });
  test("counts from one again after it ran well", () => {
    expect(afterFailure(running, away, 20_000).failures).toBe(1);
  });
  test("names a defect INTERNAL and hides its text", () => {
    const state = afterFailure(running, new TypeError("secret of a record"), 1);
    expect(state.code).toBe("INTERNAL");
    expect(state.detail).not.toContain("secret");
  });
});

describe("a back-off", () => {
  test("stays within its bound for any number of failures", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const ms = backoffMs(failures, "backoff", random);
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(Math.min(3_000, 100 * 2 ** (failures - 1)));
        },
      ),
    );
  });
  test("is spread over the whole range", () => {
    expect(backoffMs(8, "backoff", 0)).toBe(0);
    expect(backoffMs(8, "backoff", 0.999)).toBeGreaterThan(2_900);
    expect(backoffMs(1, "never", 0.999)).toBeGreaterThan(29_000);
  });
});
