import { describe, expect, it } from "vitest";
import { done, failed } from "../../src/kernel/result.ts";
import type { PolicyModule } from "../../src/policy/module.ts";
import { compilePlan, compileWith } from "../../src/policy/plan.ts";
import { bundle, contract, input, share, text, uses } from "./sample.ts";

const simple = contract({ a: text(share) });

describe("a module", () => {
  const compile = (module: Partial<PolicyModule>) => {
    const odd: PolicyModule = {
      name: "odd",
      version: "1",
      settingsSchema: {},
      describe: "",
      compile: () => done({}),
      ...module,
    };
    return compileWith(input(simple, { bundles: [bundle(uses("odd", {}))] }), new Map([["odd", odd]]));
  };
  const denialsOf = (module: PolicyModule["compile"]) => compile({ compile: module }).denials;

  it("that throws denies", () => {
    const throws = () => {
      throw new Error("secret value");
    };
    expect(denialsOf(throws)).toEqual([{ code: "POLICY_FAILED", module: "infosec/odd" }]);
  });

  it("that refuses its settings denies, also without a reason", () => {
    expect(denialsOf(() => failed([{ code: "POLICY_INVALID" }]))).toEqual([
      { code: "POLICY_INVALID", module: "infosec/odd" },
    ]);
    expect(denialsOf(() => failed([]))).toEqual([{ code: "POLICY_INVALID", module: "infosec/odd" }]);
  });

  it("that is not there denies", () => {
    expect(compilePlan(input(simple, { bundles: [bundle(uses("no-such-module", {}))] })).denials).toEqual([
      { code: "POLICY_UNKNOWN", module: "infosec/no-such-module" },
    ]);
  });

  it.each([
    { fields: [{ path: "/a", action: { action: "round", multiple: 0, mode: "floor" } }] },
    { fields: [{ path: "a", action: { action: "drop" } }] },
    { conditions: [{ field: "x", op: "exists", values: [] }] },
    { limits: { bytesMax: Number.NaN } },
    { validity: { until: Number.NaN } },
  ] as const)("that returns what can't be kept denies (%j)", (rules) => {
    expect(denialsOf(() => done(rules))).toEqual([{ code: "POLICY_FAILED", module: "infosec/odd" }]);
  });

  it("denies with its own reasons under its own name", () => {
    const reason = { code: "PURPOSE_NOT_ALLOWED", module: "contract", pointer: "/a" } as const;
    expect(denialsOf(() => done({ denials: [reason] }))).toEqual([{ ...reason, module: "infosec/odd" }]);
  });

  it("takes away keys, headers and what attributes were made of them, and coarsens the timestamp", () => {
    const subject = contract(
      { a: text(share) },
      {
        key: { action: "share" },
        headers: ["b", "a", "gone"],
        timestamp: { action: "truncate-date", to: "hour" },
        event: {
          ...simple.event,
          id: { from: "header", name: "gone" },
          subject: { from: "header", name: "gone" },
          time: { from: "header", name: "gone" },
        },
      },
    );
    const odd: PolicyModule = {
      name: "odd",
      version: "1",
      settingsSchema: {},
      describe: "",
      compile: () => done({ key: "pseudonymize", withoutHeaders: ["gone"], timestamp: "iso-week" }),
    };
    expect(
      compileWith(input(subject, { bundles: [bundle(uses("odd", {}))] }), new Map([["odd", odd]])),
    ).toMatchObject({
      key: { rule: "pseudonymize" },
      headers: ["a", "b"],
      timestamp: { action: "truncate-date", to: "iso-week" },
      event: { id: { from: "auto" }, subject: { from: "none" }, time: { from: "record" } },
    });
  });

  it("whose unit of time does not go with another one denies", () => {
    const given = compile({ compile: () => done({ timestamp: "iso-week" }) });
    expect(given.denials).toEqual([]);
    const monthly = contract({ a: text(share) }, { timestamp: { action: "truncate-date", to: "month" } });
    const odd: PolicyModule = {
      name: "odd",
      version: "1",
      settingsSchema: {},
      describe: "",
      compile: () => done({ timestamp: "iso-week" }),
    };
    const both = compileWith(input(monthly, { bundles: [bundle(uses("odd", {}))] }), new Map([["odd", odd]]));
    expect(both.denials).toEqual([{ code: "POLICY_INVALID", module: "contract, infosec/odd" }]);
  });

  it.each([
    [{ action: "share" } as const, "pseudonymize", { rule: "pseudonymize" }],
    [{ action: "share" } as const, "drop", { rule: "drop" }],
    [{ action: "drop" } as const, "pseudonymize", { rule: "drop" }],
    [{ from: "pointer", pointer: "/a" } as const, "pseudonymize", { rule: "drop" }],
  ] as const)("makes of the key rule %j with %s: %j", (key, demand, rule) => {
    const odd: PolicyModule = {
      name: "odd",
      version: "1",
      settingsSchema: {},
      describe: "",
      compile: () => done({ key: demand }),
    };
    const subject = contract({ a: text(share) }, { key });
    expect(
      compileWith(input(subject, { bundles: [bundle(uses("odd", {}))] }), new Map([["odd", odd]])).key,
    ).toEqual(rule);
  });
});
