import { describe, expect, test } from "vitest";
import type { Case } from "../../../src/cli/cases/case-file.ts";
import { coverageOf } from "../../../src/cli/cases/coverage.ts";
import { coverageText } from "../../../src/cli/cases/coverage-text.ts";
import { runCase } from "../../../src/cli/cases/run-case.ts";
import type { Json } from "../../../src/kernel/json.ts";
import type { PolicyBundle } from "../../../src/kernel/policy-bundle.ts";
import { at, filed, PLACES } from "../../policy/explained.ts";
import { contract, HELIX, number, share, text, uses } from "../../policy/sample.ts";
import { kept } from "../kept.ts";

const SUBJECT = contract(
  {
    for: text(share),
    note: text(share, { categories: ["free-text"] }),
    price: number(share, { class: "restricted" }),
    n: number({ action: "round", multiple: 10, mode: "floor" }, { categories: ["volume"] }),
    list: { types: ["array"], elements: { types: ["object"], members: { x: text(share) } } },
  },
  {
    scope: [{ field: "/for", op: "equals", value: "us" }],
    limits: { bytesMax: 2 ** 20, depthMax: 3, arrayLengthMax: 10_000 },
    key: { action: "share" },
    headers: ["trace"],
  },
);

const given = (value: Json, change: Partial<Case> = {}): Case => ({
  name: "a case",
  partner: { id: HELIX, clearance: "confidential" },
  purpose: "cx.dcm.base",
  now: "2026-11-22T09:00:00Z",
  record: { value },
  expect: { effect: "permit" },
  ...change,
});

const coverage = (cases: readonly Case[], bundles: readonly PolicyBundle[] = []) =>
  coverageOf(
    "demand",
    cases.map((each) => runCase(each, SUBJECT, bundles)),
    PLACES,
  );
const untouched = (...of: Parameters<typeof coverage>) => {
  const { fields, rules } = coverage(...of);
  return [...fields.untouched, ...rules.untouched].map(({ name }) => name);
};

const OURS = { for: "us", n: 12 };

describe("a field is touched", () => {
  test("when a case that permits holds it; what stays under every case is none of them", () => {
    const { fields } = coverage([given(OURS)]);
    expect(fields).toMatchObject({ touched: 2, total: 4 });
    expect(fields.untouched).toEqual([
      { name: "/note", where: at("contract.odcs.yaml", 1) },
      { name: "/list/*/x", where: at("contract.odcs.yaml", 1) },
    ]);
    const whole = given({ ...OURS, note: "n", list: [{ x: "x" }] });
    expect(coverage([given(OURS), whole]).fields.untouched).toEqual([]);
  });

  test("not by a case that denies", () => {
    const refused = given({ for: "them", note: "n" });
    expect(coverage([refused]).fields.touched).toBe(0);
  });
});

describe("a rule is touched", () => {
  test("when a decision names it: conditions, limits, codes", () => {
    expect(untouched([given({ ...OURS, note: "n", list: [{ x: "x" }] })])).toEqual([
      "clearance",
      "scope /for equals",
      "depthMax",
      "SCHEMA_MISMATCH",
      "PURPOSE_NOT_ALLOWED",
    ]);
    expect(
      untouched([
        given({ ...OURS, note: "n", price: 1, list: [{ x: "x" }] }),
        given({ ...OURS, for: "them" }),
        given({ ...OURS, list: [[[[]]]] }),
        given({ ...OURS, note: 7 }),
        given(OURS, { purpose: "cx.other" }),
      ]),
    ).toEqual([]);
  });

  test("when it is a module that demands what was done, also where another is named for it", () => {
    const rules = filed(
      uses("classification-ceiling", { max: "confidential" }),
      uses("categories", { volume: { action: "round", multiple: 100, mode: "floor" } }),
      uses("categories", { "free-text": "drop" }),
      uses("categories", { vehicle: "drop" }),
      uses("limits", { depthMax: 2 }),
    );
    const modules = (...cases: readonly Case[]) =>
      coverage(cases, [rules]).rules.untouched.flatMap(({ where }) =>
        where?.file === "policies/infosec.yaml" ? where.line : [],
      );
    // The fourth selects nothing, so there is nothing to touch.
    expect(modules(given({ for: "us" }))).toEqual([11, 12, 13, 15]);
    expect(modules(given({ ...OURS, price: 1 }))).toEqual([13, 15]);
    expect(modules(given({ ...OURS, price: 1, note: "n" }), given({ list: [[[]]] }))).toEqual([]);
  });
});

test("the figure is told with what is left, and in red where it is too little", () => {
  const covered = coverage([given(OURS)]);
  expect(covered.percent).toBe(22);
  const { out } = kept().context;
  expect(coverageText(covered, 0, out).split("\n").slice(0, 2)).toEqual([
    "demand: fields 2 of 4, rules 0 of 5: 22 %",
    "  no case touches /note (contract.odcs.yaml:1)",
  ]);
  const red = { paint: (style: string, words: string) => `<${style}>${words}` };
  expect(coverageText(covered, 90, red)).toContain(": <red>22 %, below 90 %\n");
});
