import { describe, expect, it } from "vitest";
import type { Json } from "../../src/kernel/json.ts";
import { done } from "../../src/kernel/result.ts";
import type { Screen } from "../../src/kernel/screen.ts";
import { evaluate, type Verdict } from "../../src/policy/evaluate.ts";
import type { ModuleRules, PolicyModule } from "../../src/policy/module.ts";
import { compileWith } from "../../src/policy/plan.ts";
import {
  bundle,
  contract,
  facts,
  input,
  keys,
  left,
  node,
  type Sketch,
  share,
  text,
  uses,
} from "./sample.ts";

const mail = "anna@example.com";
const found: Omit<Screen, "by"> = { detectors: ["email"], words: [], except: [], outcome: "drop" };
const drop = { action: "drop" } as const;

/** A policy of one module that demands these rules. */
const planFor = (members: Readonly<Record<string, Sketch>>, rules: ModuleRules) => {
  const module: PolicyModule = {
    name: "own",
    version: "1",
    settingsSchema: {},
    describe: "",
    compile: () => done(rules),
  };
  return compileWith(
    input(contract(members), { bundles: [bundle(uses("own", {}))] }),
    new Map([["own", module]]),
  );
};

const decided = (
  members: Readonly<Record<string, Sketch>>,
  rules: ModuleRules,
  data: Json | string,
): Verdict =>
  evaluate(
    planFor(members, rules),
    facts(node(typeof data === "string" ? data : JSON.stringify(data))),
    keys,
  );

const screening = (path: string, outcome: Screen["outcome"], rest: Partial<Screen> = {}): ModuleRules => ({
  screens: [{ ...found, path, outcome, ...rest }],
});

describe("a screen", () => {
  it.each([
    ["pseudonymize", /^\{"v":"[\w-]{22}"\}$/],
    ["null", /^\{"v":null\}$/],
    ["drop", /^\{\}$/],
  ] as const)("that finds something does %s", (outcome, expected) => {
    const verdict = decided({ v: text(share) }, screening("/v", outcome), { v: `ask ${mail}` });
    expect(left(verdict)).toMatch(expected);
    expect(verdict).toMatchObject({
      fields: [{ pointer: "/v", action: outcome, by: "infosec/own", count: 1 }],
    });
  });

  it("that finds nothing leaves the value alone", () => {
    expect(left(decided({ v: text(share) }, screening("/v", "drop"), { v: "ask nobody" }))).toBe(
      '{"v":"ask nobody"}',
    );
  });

  it("that denies names itself and the field, and never what it found", () => {
    const verdict = decided({ v: text(share) }, screening("/v", "deny"), { v: mail });
    expect(verdict).toEqual({
      effect: "deny",
      reasons: [{ code: "SCREENED", module: "infosec/own", pointer: "/v" }],
    });
  });

  it("changes nothing of a value that its own action treats stricter, or drops by its type", () => {
    const constant = { v: text({ action: "constant", value: "-" }) };
    expect(left(decided(constant, screening("/v", "pseudonymize"), { v: mail }))).toBe('{"v":"-"}');
    const rounded = { v: { action: { action: "round", multiple: 10, mode: "floor" } } } as const;
    expect(left(decided(rounded, screening("/v", "pseudonymize"), { v: mail }))).toBe("{}");
  });

  it("is stricter than an action that edits", () => {
    const prefix = { v: text({ action: "prefix", length: 4 }) };
    expect(left(decided(prefix, screening("/v", "null"), { v: mail }))).toBe('{"v":null}');
  });

  it("looks into containers that leave whole: texts, numbers and names; a pseudonym takes no container", () => {
    const whole = { v: { types: ["object"], action: share } } as const;
    for (const data of [`{"v":{"x":["${mail}"]}}`, `{"v":{"${mail}":1}}`])
      expect(left(decided(whole, screening("/v", "pseudonymize"), data))).toBe("{}");
    const gln = screening("/v/deep/inside", "drop", { detectors: ["gln"] });
    expect(left(decided(whole, gln, '{"v":{"x":4012345000009}}'))).toBe("{}");
    expect(left(decided(whole, gln, '{"v":{"x":4012345000008}}'))).toBe('{"v":{"x":4012345000008}}');
  });

  it("looks at the names of a map, and takes the member or the record", () => {
    const map = { v: { types: ["object"], members: { "*": text(share), known: text(share) } } } as const;
    const data = { v: { [mail]: "x", other: "y", known: "z" } };
    expect(left(decided(map, screening("/v", "pseudonymize"), data))).toBe('{"v":{"other":"y","known":"z"}}');
    expect(decided(map, screening("/v", "deny"), data)).toMatchObject({
      reasons: [{ code: "SCREENED", pointer: "/v/*" }],
    });
  });

  it("that denies still denies when another rule takes the field away", () => {
    const rules = { ...screening("/v", "deny"), fields: [{ path: "/v", action: drop }] };
    expect(decided({ v: text(share) }, rules, { v: mail }).effect).toBe("deny");
    const inside = { ...screening("/o/v", "deny"), fields: [{ path: "/o", action: drop }] };
    const object = { o: { types: ["object"], members: { v: text(share) } } } as const;
    expect(decided(object, inside, { o: { v: mail } }).effect).toBe("deny");
  });

  it("does not look at what the contract itself keeps back", () => {
    expect(left(decided({ v: text(drop) }, screening("/v", "deny"), { v: mail }))).toBe("{}");
  });

  it("of several, the strictest that finds something decides", () => {
    const screens = (["pseudonymize", "null", "drop"] as const).map((outcome, at) => ({
      ...found,
      path: "/v",
      outcome,
      detectors: at === 2 ? (["iban"] as const) : found.detectors,
    }));
    for (const order of [screens, screens.toReversed()])
      expect(left(decided({ v: text(share) }, { screens: order }, { v: mail }))).toBe('{"v":null}');
  });
});

describe("the plan's digest", () => {
  it("does not depend on the order or number of screens, nor of what they look for", () => {
    const [one, other] = [
      { ...found, path: "/v", detectors: ["email", "iban"] as const, words: ["b", "a"] },
      { ...found, path: "/v", outcome: "deny" as const },
    ];
    const turned = { ...one, detectors: ["iban", "email", "email"] as const, words: ["a", "b"] };
    const fields = { v: text(share) };
    expect(planFor(fields, { screens: [one, other], envelopeScreens: [found] }).digest).toBe(
      planFor(fields, { screens: [other, turned, other], envelopeScreens: [found, found] }).digest,
    );
  });
});
