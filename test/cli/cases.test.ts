import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Expectation } from "../../src/cli/cases/case-file.ts";
import { differences } from "../../src/cli/cases/compare.ts";
import { runProgram } from "../../src/cli/command.ts";
import { test as testCommand } from "../../src/cli/commands/test.ts";
import type { Admission } from "../../src/mesh/admit.ts";
import { CONTRACT, companies } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith, run } from "./program.ts";

const CASE = `name: the partner's own demand leaves
partner: {id: "urn:bpn:BPNL00000007QWER", clearance: confidential}
purpose: cx.dcm.base
now: "2026-11-22T09:00:00Z"
bundles: [../../policies/infosec.yaml]
record:
  key: k
  text: '{"material":"M-1","supplier":"BPNL00000007QWER","exact":1E+3,"demand":1249}'
  headers: [[traceparent, "00"], [host, h]]
expect:
  effect: permit
  record: {key: k, text: '{"material":"M-1","supplier":"BPNL00000007QWER","exact":1E+3,"demand":1000}', headers: [[traceparent, "00"]]}
  fields: [{pointer: /demand, action: round, by: infosec/categories}]
`;
const BUNDLE = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: infosec, version: 1.0.0}
spec:
  direction: outbound
  modules:
  - {use: categories, with: {volume: {action: round, multiple: 1000, mode: half-even}}}
`;

describe("tiermesh test", () => {
  test("passes the cases of the example contracts", async () => {
    const contracts = fileURLToPath(new URL("../../contracts", import.meta.url));
    const ended = await run(contracts, ["test", ".", "--min-coverage", "90"]);
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(ended.out).toMatch(/^pass {2}material-demand\/cases\//m);
    expect(ended.out).toMatch(/\n[1-9]\d* cases, 0 failed\n$/);
  });

  test("prints a line for each case and what is not as expected", async () => {
    const { files } = await companies();
    const wrong = CASE.replace('"demand":1000', '"demand":1249').replace("partner's own", "changed");
    const folder = folderWith({
      "demand/contract.odcs.yaml": CONTRACT,
      "demand/payload.schema.json": files["contracts/demand/payload.schema.json"] ?? "",
      "demand/cases/own.yaml": CASE,
      "demand/cases/wrong.yaml": wrong,
      "policies/infosec.yaml": BUNDLE,
    });
    const ended = await run(folder, ["test", "demand"]);
    expect(ended.err).toBe("");
    expect(ended.out.split("\n")).toEqual([
      "pass  demand/cases/own.yaml: the partner's own demand leaves",
      "FAIL  demand/cases/wrong.yaml: the changed demand leaves",
      expect.stringMatching(/^ {2}The value is .*"demand":1000} and not .*"demand":1249}\.$/),
      "demand: fields 4 of 4, rules 1 of 5: 55 %",
      "  no case touches clearance",
      "  no case touches scope /supplier equals (demand/contract.odcs.yaml:22)",
      "  no case touches SCHEMA_MISMATCH",
      "  no case touches PURPOSE_NOT_ALLOWED",
      "2 cases, 1 failed",
      "",
    ]);
    expect(ended.code).toBe(1);
  });

  test("holds the coverage against what is asked for, and lists for machines what no case touches", async () => {
    const { files } = await companies();
    const folder = folderWith({
      "demand/contract.odcs.yaml": CONTRACT,
      "demand/payload.schema.json": files["contracts/demand/payload.schema.json"] ?? "",
      "demand/cases/own.yaml": CASE,
      "policies/infosec.yaml": BUNDLE,
    });
    const ask = async (...args: readonly string[]) => {
      const { context, texts } = kept(folder);
      return { code: await runProgram([testCommand], ["test", "demand", ...args], context), ...texts };
    };
    expect(await ask("--min-coverage", "55")).toMatchObject({ code: 0 });
    const below = await ask("--min-coverage", "56");
    expect(below).toMatchObject({ code: 1, out: expect.stringContaining(": 55 %, below 56 %\n") });
    const { cases, coverage } = JSON.parse((await ask("--json")).out);
    expect(cases).toEqual([
      { file: "demand/cases/own.yaml", name: "the partner's own demand leaves", faults: [] },
    ]);
    expect(coverage).toMatchObject([
      { contract: "demand", percent: 55, fields: { untouched: [] }, rules: { touched: 1, total: 5 } },
    ]);
    for (const wrong of ["101", "-1", "x"])
      expect(await ask(`--min-coverage=${wrong}`)).toMatchObject({ code: 2, out: "" });
  });

  test("says where a case is not one, and that there are none", async () => {
    const folder = folderWith({
      "x/cases/a.yaml": CASE.replace("effect: permit", "efect: permit"),
      "y/z.yaml": "",
    });
    const misspelt = await run(folder, ["test", "x"]);
    expect([misspelt.code, misspelt.out]).toEqual([1, ""]);
    expect(misspelt.err).toContain("x/cases/a.yaml:11:3  error  case.unknown-key");
    expect(misspelt.err).toContain("Did you mean `effect`?");
    for (const [from, to, place] of [
      ["09:00:00Z", "23:59:60Z", "4:6  error  case.format"],
      ["09:00:00Z", "09:00:00+01", "4:6  error  case.format"],
      ["[host, h]", "[null, h]", "9:35  error  case.type"],
    ] as const) {
      const { code, err } = await run(folderWith({ "x/cases/a.yaml": CASE.replace(from, to) }), [
        "test",
        "x",
      ]);
      expect([code, err]).toEqual([1, expect.stringContaining(`x/cases/a.yaml:${place}`)]);
    }
    expect(await run(folder, ["test", "y"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("There are no cases"),
    });
  });
});

describe("an outcome", () => {
  const permit: Admission = {
    effect: "permit",
    fields: [{ pointer: "/a", action: "drop", by: "contract", count: 1 }],
    record: {
      key: null,
      value: Buffer.from('{"b":1,"a":2.0}'),
      timestamp: 5n,
      headers: [
        ["ce_id", Buffer.from("1")],
        ["traceparent", Buffer.from("00")],
      ],
    },
  };
  const denied: Admission = { effect: "deny", reasons: [{ code: "SCOPE_MISMATCH", pointer: "/s" }] };
  test.each<[Expectation, Admission, string | undefined]>([
    [{ effect: "permit", record: { value: { a: 2, b: 1 }, timestamp: 5, key: null } }, permit, undefined],
    [{ effect: "permit", record: { headers: [["traceparent", "00"]] } }, permit, undefined],
    [{ effect: "permit", fields: [{ pointer: "/a", action: "drop" }] }, permit, undefined],
    [{ effect: "deny", reasons: [{ code: "SCOPE_MISMATCH" }] }, denied, undefined],
    [{ effect: "deny" }, permit, "It was expected to deny, and the outcome is permit."],
    [{ effect: "permit" }, denied, "SCOPE_MISMATCH"],
    [{ effect: "deny", reasons: [{ code: "SCOPE_MISMATCH", pointer: "/x" }] }, denied, "there are not"],
    [{ effect: "deny", reasons: [] }, denied, "there are besides"],
    [{ effect: "permit", fields: [] }, permit, 'besides: {"pointer":"/a"'],
    [
      { effect: "permit", record: { value: { a: 2 } } },
      permit,
      'The value is {"a":2,"b":1} and not {"a":2}.',
    ],
    [{ effect: "permit", record: { text: '{"b":1,"a":2}' } }, permit, "The value is"],
    [{ effect: "permit", record: { key: "k" } }, permit, "The key is null and not k."],
    [{ effect: "permit", record: { timestamp: 6 } }, permit, "The timestamp is 5 and not 6."],
    [{ effect: "permit", record: { headers: [] } }, permit, 'besides: ["traceparent","00"]'],
    [{ effect: "permit", record: { headers: [["ce_id", "2"]] } }, permit, 'not: ["ce_id","2"]'],
  ])("held against %j", (expected, actual, fault) => {
    const found = differences(expected, actual).join(" ");
    if (fault === undefined) expect(found).toBe("");
    else expect(found).toContain(fault);
  });
});
