import { describe, expect, it } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import {
  agreement,
  bundle,
  contract,
  input,
  partner,
  ruleAt,
  type Sketch,
  share,
  text,
  uses,
} from "./sample.ts";

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

  it("a third action does not bring back what two have dropped", () => {
    const enc = { kid: "k1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x: "AA" } } as const;
    const holder = partner({ card: { ...partner().card, keys: [enc] } });
    const subject = contract({
      v: { action: { action: "encrypt", keyRole: "q" }, types: ["string", "null"], categories: ["person"] },
    });
    const ruled = (...demands: readonly Json[]) => {
      const bundles = [bundle(...demands.map((person) => uses("categories", { person })))];
      return ruleAt(compilePlan(input(subject, { partner: holder, bundles })).root, "v");
    };
    const day = { action: "truncate-date", to: "day" };
    expect([ruled(), ruled(day), ruled(day, "pseudonymize")]).toEqual([
      "encrypt by contract",
      "drop by type",
      "drop by type",
    ]);
  });
});

describe("the domain of a pseudonym", () => {
  const alias = (domain?: string) =>
    contract({
      v: text(
        { action: "pseudonymize", ...(domain === undefined ? {} : { domain }) },
        { categories: ["person"] },
      ),
    });
  const demand = (domain?: string): Json => ({
    action: "pseudonymize",
    ...(domain === undefined ? {} : { domain }),
  });
  const ruled = (subject: ReturnType<typeof contract>, ...demands: readonly Json[]) => {
    const bundles = [bundle(...demands.map((person) => uses("categories", { person })))];
    return compilePlan(input(subject, { bundles })).root.members.v?.action;
  };

  it("is the contract's for a rule that names none, and no rule's where the contract names none", () => {
    expect(ruled(alias("parts"), demand())).toMatchObject({ action: "pseudonymize", domain: "parts" });
    expect(ruled(alias(), demand("parts"))).not.toHaveProperty("domain");
    expect(ruled(alias("parts"), demand("other"))).toEqual({ action: "drop" });
    expect(ruled(contract({ v: text(share, { categories: ["person"] }) }), demand("parts"))).toEqual(
      demand("parts"),
    );
  });
});

describe("the values of a map", () => {
  const map = contract({
    m: { types: ["object"], members: { "*": text(share, { categories: ["person"] }) } },
    own: { types: ["object"], members: { "*": text({ action: "null" }, { categories: ["person"] }) } },
  });

  it("that a rule replaces go with their names, unless the contract itself shows the names", () => {
    const rules = { bundles: [bundle(uses("categories", { person: "null" }))] };
    const { root } = compilePlan(input(map, rules));
    expect([ruleAt(root, "m"), ruleAt(root, "m", "*")]).toEqual([
      "children by contract",
      "drop by infosec/categories",
    ]);
    expect(ruleAt(root, "own", "*")).toBe("null by contract");
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
