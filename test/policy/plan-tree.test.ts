import { describe, expect, it } from "vitest";
import { compilePlan } from "../../src/policy/plan.ts";
import { agreement, bundle, contract, input, ruleAt, type Sketch, share, text, uses } from "./sample.ts";

describe("an agreement's narrowing", () => {
  const tree = contract({
    blob: { types: ["object"], action: share },
    word: text(share),
    box: { types: ["object"], members: { x: text(share), y: text(share) } },
    list: { types: ["array"], elements: { types: ["object"], members: { x: text(share) } } },
  });
  const narrowed = (path: string, action: Parameters<typeof text>[0]) =>
    compilePlan(input(tree, { agreement: agreement({ narrow: new Map([[path, action]]) }) })).root;

  it("takes away a field, a container, or all elements where one is named", () => {
    expect(ruleAt(narrowed("/box/x", { action: "drop" }), "box", "x")).toBe("drop by agreement");
    expect(ruleAt(narrowed("/box", { action: "null" }), "box")).toBe("null by agreement");
    expect(ruleAt(narrowed("/box", { action: "drop" }), "box", "y")).toBe("drop by agreement");
    expect(ruleAt(narrowed("/list/0/x", { action: "drop" }), "list", "*", "x")).toBe("drop by agreement");
    expect(ruleAt(narrowed("/*/x", { action: "drop" }), "box", "x")).toBe("drop by agreement");
  });

  it("gives nothing", () => {
    expect(ruleAt(narrowed("/box/x", share), "box", "x")).toBe("share by contract");
    expect(ruleAt(narrowed("/box/z", share), "box", "z")).toBe("none");
  });

  it("inside a value that leaves whole takes the value away, because it can't be kept otherwise", () => {
    expect(ruleAt(narrowed("/blob/inner", { action: "drop" }), "blob")).toBe("drop by agreement");
    expect(ruleAt(narrowed("/word/inner", { action: "drop" }), "word")).toBe("share by contract");
  });

  it("that reads a value takes no container", () => {
    expect(ruleAt(narrowed("/box", { action: "pseudonymize" }), "box")).toBe("drop by type");
  });

  it("of everything denies everything", () => {
    const given = input(tree, { agreement: agreement({ narrow: new Map([["", { action: "drop" }]]) }) });
    expect(compilePlan(given).denials).toEqual([
      { code: "SCHEMA_MISMATCH", module: "agreement", pointer: "" },
    ]);
  });
});

describe("actions and types", () => {
  it("that never go together drop the field when the plan is made", () => {
    const subject = contract({
      v: text({ action: "round", multiple: 10, mode: "floor" }),
      e: text({ action: "encrypt", keyRole: "q" }),
    });
    const { root } = compilePlan(input(subject));
    expect([ruleAt(root, "v"), ruleAt(root, "e")]).toEqual(["drop by type", "drop by encrypt"]);
  });

  it("a stricter action that takes more types than the one beside it would let them through, so that the field is dropped", () => {
    const mask = { action: "mask", keepFirst: 1, keepLast: 0, with: "*" } as const;
    const rules = { bundles: [bundle(uses("categories", { person: "pseudonymize" }))] };
    const typed = contract({ v: text(mask, { categories: ["person"] }) });
    expect(ruleAt(compilePlan(input(typed, rules)).root, "v")).toBe("pseudonymize by infosec/categories");
    const day = { action: "truncate-date", to: "day" } as const;
    const undated = contract({ v: text(day, { categories: ["person"] }) });
    expect(ruleAt(compilePlan(input(undated, rules)).root, "v")).toBe("drop by type");
    const dated = contract({ v: text(day, { categories: ["person"], check: { format: "date" } }) });
    expect(ruleAt(compilePlan(input(dated, rules)).root, "v")).toBe("pseudonymize by infosec/categories");
    const untyped = contract({ v: { action: mask, categories: ["person"] } });
    expect(ruleAt(compilePlan(input(untyped, rules)).root, "v")).toBe("drop by type");
  });
});

describe("a large contract", () => {
  it("of many fields above the clearance, or of containers deep in each other, is compiled in no time", () => {
    const leaf = text(share, { class: "restricted" });
    const wide = contract(
      Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, leaf])),
    );
    expect(Object.keys(compilePlan(input(wide)).root.members)).toHaveLength(5000);
    const deep = Array.from({ length: 60 }).reduce<Sketch>(
      (members) => ({ types: ["object"], members: { x: members } }),
      leaf,
    );
    expect(ruleAt(compilePlan(input(contract({ x: deep }))).root, "x", "x", "x")).toBe("drop by clearance");
  });
});
