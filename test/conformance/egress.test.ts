import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import type { Json } from "../../src/kernel/json.ts";
import { contract, number, share, text } from "../policy/sample.ts";
import { HIDDEN, leaks, marked } from "../support/egress.ts";
import { FITTING, planFor } from "../support/model-records.ts";

const subject = contract({
  open: text(share),
  short: text(share, { check: { maxLength: 3 } }),
  list: { types: ["array"], elements: { types: ["object"], members: { a: number(share) } } },
});

describe("the marks in third-party records", () => {
  it("stand in every text where the schema has room, and in a member that no rule names in every object", () => {
    const record = { open: "x", short: "abc", list: [{ a: 1 }], more: "y" };
    expect(marked(record, subject.root)).toEqual({
      open: "CANARY /open#",
      short: "abc",
      list: [{ a: 1, [HIDDEN]: HIDDEN }],
      more: "CANARY /more#",
      [HIDDEN]: HIDDEN,
    });
  });
});

describe("the search for leaks", () => {
  const raw = { open: "x", short: "abc", list: [{ a: 1, b: 2 }], more: "y" };
  const { root } = planFor(subject, []);

  it.each<[string, Json]>([
    ["a member that no rule names", { open: "x", more: "y" }],
    ["a member that no rule names, in an element", { list: [{ a: 1, b: 2 }] }],
    ["a member that the record does not have", { list: [{ a: 1 }], open: "x", short: "abc", a: 1 }],
    ["another value", { open: "z" }],
    ["an array of another length", { list: [] }],
    ["a text for an array", { list: "x" }],
  ])("finds %s", (_, left) => {
    expect(leaks(raw, left, root)).toHaveLength(1);
  });

  it("finds nothing in what left as the plan says", () => {
    expect(leaks(raw, { open: "x", short: "abc", list: [{ a: 1 }] }, root)).toEqual([]);
  });

  it.each(FITTING.map(([action]) => [action.action, action] as const))(
    "finds a value that was to be changed: %s",
    (_: string, action: FieldAction) => {
      const value = action.action === "round" || action.action === "coarsen-geo" ? 1.25 : "2026-11-22";
      const plan = planFor(contract({ v: { action, types: ["string", "number"] } }), []);
      const v = plan.root.members.v;
      // Half a degree is within what rounding may make of it; a value of another kind never is.
      const left = action.action === "coarsen-geo" ? 12.5 : value;
      expect(
        leaks({ v: value }, { v: left }, v && { ...plan.root, members: { v: { ...v, action } } }),
      ).toHaveLength(1);
    },
  );
});
