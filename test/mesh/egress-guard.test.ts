import { describe, expect, test } from "vitest";
import type { RecordHeader } from "../../src/kernel/record.ts";
import { keepsToPlan } from "../../src/mesh/egress-guard.ts";

const key = Buffer.from("k");
const traced: RecordHeader = ["traceparent", Buffer.from("00")];
const plan = { key: { rule: "drop" }, headers: ["traceparent"] } as const;

describe("a permit keeps to its plan", () => {
  test("without a key, and with headers that the plan names, however often", () => {
    expect(keepsToPlan({ key: null, headers: [traced, traced] }, plan)).toBe(true);
  });

  test.each(["share", "pseudonymize"] as const)("with a key that the plan lets leave: %s", (rule) => {
    expect(keepsToPlan({ key, headers: [] }, { ...plan, key: { rule } })).toBe(true);
  });

  test("not with a key that the plan drops, even an empty one", () => {
    expect(keepsToPlan({ key, headers: [] }, plan)).toBe(false);
    expect(keepsToPlan({ key: new Uint8Array(0), headers: [] }, plan)).toBe(false);
  });

  test("not with a header of another name, or of another case", () => {
    expect(keepsToPlan({ key: null, headers: [traced, ["Traceparent", null]] }, plan)).toBe(false);
  });
});
