import { describe, expect, test } from "vitest";
import type { RecordHeader } from "../../src/kernel/record.ts";
import { keepsToPlan } from "../../src/mesh/egress-guard.ts";

const key = Buffer.from("k");
const traced: RecordHeader = ["traceparent", Buffer.from("00")];
const data = {};
const plan = {
  denials: [],
  key: { rule: "drop" },
  headers: ["traceparent"],
  tombstones: "scoped",
} as const;

describe("a permit keeps to its plan", () => {
  test("without a key, and with headers that the plan names, however often", () => {
    expect(keepsToPlan({ data, key: null, headers: [traced, traced] }, plan)).toBe(true);
  });

  test.each(["share", "pseudonymize"] as const)("with a key that the plan lets leave: %s", (rule) => {
    expect(keepsToPlan({ data, key, headers: [] }, { ...plan, key: { rule } })).toBe(true);
  });

  test("not with a key that the plan drops, even an empty one", () => {
    expect(keepsToPlan({ data, key, headers: [] }, plan)).toBe(false);
    expect(keepsToPlan({ data, key: new Uint8Array(0), headers: [] }, plan)).toBe(false);
  });

  test("not with a header of another name, or of another case", () => {
    expect(keepsToPlan({ data, key: null, headers: [traced, ["Traceparent", null]] }, plan)).toBe(false);
  });
  test("not a tombstone where none may leave", () => {
    const tombstone = { data: undefined, key: null, headers: [] };
    expect(keepsToPlan(tombstone, plan)).toBe(true);
    expect(keepsToPlan(tombstone, { ...plan, tombstones: "deny" })).toBe(false);
    expect(keepsToPlan({ ...tombstone, data }, { ...plan, tombstones: "deny" })).toBe(true);
  });

  test("not under a plan that denies everything", () => {
    const denials = [{ code: "COMPETITOR" }] as const;
    expect(keepsToPlan({ data, key: null, headers: [] }, { ...plan, denials })).toBe(false);
  });
});
