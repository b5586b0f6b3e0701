import { describe, expect, it } from "vitest";
import { done } from "../../src/kernel/result.ts";
import { explainDenials, explainPlan } from "../../src/policy/explain.ts";
import type { PolicyModule } from "../../src/policy/module.ts";
import { compilePlan, compileWith } from "../../src/policy/plan.ts";
import { AURORA, agreement, bundle, contract, input, number, share, text, uses } from "./sample.ts";

const subject = contract(
  {
    a: text(share, { categories: ["identifier"] }),
    gone: text({ action: "drop" }),
    secret: text(share, { class: "restricted" }),
    box: { types: ["object"], action: { action: "null" }, members: { inner: text(share) } },
    list: {
      types: ["array"],
      elements: {
        types: ["object"],
        members: { n: number({ action: "round", multiple: 100, mode: "floor" }) },
      },
    },
    hidden: { types: ["array"], elements: { types: ["object"], members: { x: text({ action: "drop" }) } } },
  },
  {
    key: { from: "pointer", pointer: "/a" },
    headers: ["traceparent"],
    timestamp: { action: "truncate-date", to: "hour" },
    event: { ...contract({}).event, subject: { from: "header", name: "traceparent" } },
  },
);
const rows = explainPlan(compilePlan(input(subject)), subject);

describe("an explained plan", () => {
  it("says of every field what becomes of it, how, and by which rule", () => {
    expect(
      rows
        .filter(({ path }) => path.startsWith("/"))
        .map(({ path, effect, detail, by }) => [path, effect, detail, by]),
    ).toEqual([
      ["/a", "leaves", "as it is", "contract"],
      ["/gone", "stays", "not there", "contract"],
      ["/secret", "stays", "not there", "clearance"],
      ["/box", "changed", "always null", "contract"],
      ["/box/inner", "changed", "always null", "contract"],
      ["/list", "leaves", "as it is", "contract"],
      ["/list/*", "leaves", "as it is", "contract"],
      ["/list/*/n", "changed", "rounded to multiples of 100 (floor)", "contract"],
      ["/hidden", "stays", "not there", "contract"],
      ["/hidden/*", "stays", "not there", "contract"],
      ["/hidden/*/x", "stays", "not there", "contract"],
    ]);
    expect(rows[0]).toMatchObject({
      action: "share",
      classification: "internal",
      categories: ["identifier"],
      declared: { line: 1 },
    });
  });

  it("says it of key, timestamp, headers and attributes", () => {
    expect(
      rows
        .filter(({ path }) => !path.startsWith("/"))
        .map(({ path, effect, detail }) => [path, effect, detail]),
    ).toEqual([
      ["key", "leaves", "the value at /a as it leaves"],
      ["timestamp", "changed", "the start of its hour"],
      ["headers/traceparent", "leaves", "as it is"],
      ["attributes/type", "changed", 'always "com.example.demand.v1"'],
      ["attributes/source", "changed", `always "${AURORA}:dcm"`],
      ["attributes/id", "leaves", "made by the gateway; it says nothing of the record's place"],
      ["attributes/subject", "leaves", "the header traceparent"],
      ["attributes/time", "leaves", "the record's timestamp as it leaves"],
    ]);
  });

  it("says where a bundle has narrowed what stands around the data", () => {
    const odd: PolicyModule = {
      name: "odd",
      version: "1.0.0",
      settingsSchema: {},
      describe: "",
      compile: () => done({ key: "drop", withoutHeaders: ["traceparent"], timestamp: "day" }),
    };
    const given = input(subject, { bundles: [bundle(uses("odd", {}))] });
    const narrowed = explainPlan(compileWith(given, new Map([["odd", odd]])), subject);
    expect(narrowed.filter(({ by }) => by === "bundle").map(({ path, detail }) => [path, detail])).toEqual([
      ["key", "not there"],
      ["timestamp", "the start of its day"],
      ["headers/traceparent", "not there"],
      ["attributes/subject", "not there"],
    ]);
  });

  it("says why nothing leaves at all", () => {
    const given = input(subject, { agreement: agreement({ status: "revoked" }) });
    expect(explainDenials(compilePlan(given))).toEqual([
      "No approved agreement signed by both companies is in force. (AGREEMENT_NOT_ACTIVE)",
    ]);
    const narrowed = input(subject, {
      agreement: agreement({ narrow: new Map([["", { action: "drop" }]]) }),
    });
    expect(explainDenials(compilePlan(narrowed))[0]).toContain(
      "(SCHEMA_MISMATCH, by agreement, at the root)",
    );
    expect(explainDenials(compilePlan(input(subject)))).toEqual([]);
  });
});
