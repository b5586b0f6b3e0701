import { describe, expect, it } from "vitest";
import type { PlanCondition } from "../../../src/kernel/plan.ts";
import { NODE_OP, OP_FOREIGN, OP_HOST, OP_PREFIX, PLAN } from "../../../src/policy/kernel/layout.ts";
import { layPlan, type PlanTables } from "../../../src/policy/kernel/tables.ts";
import { share } from "../sample.ts";
import { planOf, rule } from "./differential.ts";

const fields = (count: number, bytes = 0) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`f${n}${"x".repeat(bytes)}`, rule(`/f${n}`, { action: share })]),
  );

/** Every name has the same hash: the worst that names can do. */
const lay = (
  root = rule("", { own: undefined }),
  conditions: readonly PlanCondition[] = [],
): PlanTables | undefined => layPlan(planOf(root, { conditions }), { hash: () => 7, memo: () => 1 });

const condition = (field: string, values: PlanCondition["values"] = ["x"]): PlanCondition => ({
  module: "m",
  field,
  op: "in",
  values,
});

describe("the tables of a plan", () => {
  it("grow with its fields, and hold all of them though their hashes collide", () => {
    const [few, many] = [
      lay(rule("", { own: undefined, members: fields(8) })),
      lay(rule("", { own: undefined, members: fields(500) })),
    ];
    expect(few?.hosts).toHaveLength(8);
    expect(many?.hosts).toHaveLength(500);
    expect((many?.image.length ?? 0) / (few?.image.length ?? 1)).toBeLessThan(100);
  });

  it("are not made for a plan that is too large", () => {
    expect(lay(rule("", { own: undefined, members: fields(6000) }))).toBeUndefined();
    expect(lay(rule("", { own: undefined, members: fields(1, 70_000) }))).toBeUndefined();
  });

  it("number what is counted, and not what is shared", () => {
    const gone = rule("/gone", { action: { action: "drop" }, by: "infosec/x" });
    const tables = lay(
      rule("", { own: undefined, members: { gone, kept: rule("/kept", { action: share }) } }),
    );
    const rows = Array.from({ length: tables?.counters.last ?? 0 }, (_, n) => tables?.counters.row(n + 1));
    expect(rows).toContainEqual({ pointer: "/?", action: "drop", by: "contract" });
    expect(rows).toContainEqual({ pointer: "/gone", action: "drop", by: "infosec/x" });
    expect(rows.filter((row) => row?.action === "share")).toEqual([]);
  });

  it.each([
    ["a listed member", condition("/a"), 1],
    ["one that is not listed", condition("/x"), 1],
    ["a member of a container", condition("/o/x"), 1],
    ["any of several", condition("/*"), 0],
    ["what may be an index", condition("/0"), 0],
    ["a member of what is not listed", condition("/x/y"), 0],
    ["a member of what leaves whole", condition("/a/b"), 0],
    ["numbers", condition("/a", [1]), 0],
  ])("let the kernel decide conditions on %s, or not", (_, given, native) => {
    const members = { a: rule("/a", { action: share }), o: rule("/o", { own: undefined }) };
    const tables = lay(rule("", { own: undefined, members }), [given]);
    expect(tables?.conditions.native).toHaveLength(native);
    expect(tables?.conditions.others).toHaveLength(1 - native);
  });

  it("hand over what a later version of actions and checks may say", () => {
    const opOf = (root: ReturnType<typeof rule>): number | undefined => {
      const tables = lay(root);
      return tables === undefined
        ? undefined
        : Buffer.from(tables.image).readInt32LE(tables.root - PLAN + NODE_OP);
    };
    const prefix = { action: "prefix", length: 1 } as const;
    const novel = { novel: 1 };
    expect(opOf(rule("", { action: prefix }))).toBe(OP_PREFIX);
    expect(opOf(rule("", { action: { ...prefix, ...novel } }))).toBe(OP_HOST);
    expect(opOf(rule("", { action: share, check: { types: ["string"], ...novel } }))).toBe(OP_HOST);
    expect(opOf(rule("", { own: undefined, check: { types: ["string"], ...novel } }))).toBe(OP_FOREIGN);
  });
});
