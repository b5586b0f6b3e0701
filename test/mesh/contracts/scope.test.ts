import { describe, expect, it } from "vitest";
import { changed, read } from "./sample.ts";

const RULE = "{field: /supplier, op: equals, ref: partner.id.local}";
const scope = (rule: string): ReturnType<typeof read> => read(changed(RULE, rule));

describe("a need to know", () => {
  it.each([
    "{field: /supplier, op: equals, value: BPNL}",
    "{field: /supplier, op: in, value: [a, 1, null]}",
    "{field: /supplier, op: in, ref: partner.groups}",
    "{field: /supplier, op: prefix, ref: agreement.parameters.family}",
    "{field: /stocks/*/site, op: exists}",
  ])("of the form %s is taken as it is", (rule) => {
    const { contract, problems } = scope(rule);
    expect(problems).toEqual([]);
    expect(contract?.scope).toHaveLength(1);
  });

  it.each([
    "{field: /supplier, op: equals}",
    "{field: /supplier, op: equals, value: a, ref: partner.id}",
    "{field: /supplier, op: equals, value: [a]}",
    "{field: /supplier, op: in, value: a}",
    "{field: /supplier, op: in, value: []}",
    '{field: /supplier, op: prefix, value: ""}',
    "{field: /supplier, op: exists, value: a}",
  ])("of the form %s says nothing, and is refused", (rule) => {
    const { contract, problems } = scope(rule);
    expect(contract).toBeUndefined();
    expect(problems.map((problem) => problem.rule)).toEqual(["mesh.scope"]);
  });
});
