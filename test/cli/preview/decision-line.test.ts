import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { decisionLine, decisionText } from "../../../src/cli/preview/decision-line.ts";
import type { Admission } from "../../../src/mesh/admit.ts";
import { kept } from "../kept.ts";

const permit: Admission = {
  effect: "permit",
  fields: [{ pointer: "/a", action: "round", by: "contract", count: 3 }],
  record: {
    key: Buffer.from('k"'),
    value: Buffer.from('{"a":1E+3}'),
    headers: [
      ["ce_id", Buffer.from("1")],
      ["none", null],
    ],
    timestamp: 1795000000000n,
  },
};
const denied: Admission = {
  effect: "deny",
  reasons: [{ code: "SCOPE_MISMATCH", module: "scope", pointer: "/supplier" }],
};

describe("a decision", () => {
  test("to permit is one line, with the value as it is", () => {
    expect(decisionLine({ line: 1 }, permit)).toBe(
      '{"line":1,"effect":"permit","reasons":[],"fields":[{"pointer":"/a","action":"round","by":"contract"}],"record":{"key":"k\\"","headers":[["ce_id","1"],["none",null]],"value":{"a":1E+3},"timestamp":1795000000000}}\n',
    );
  });

  test("on a tombstone without a key has no key and no value", () => {
    const tombstone = { ...permit.record, key: null, value: null, headers: [] };
    expect(decisionLine({ line: 2 }, { ...permit, record: tombstone })).toContain(
      '"record":{"key":null,"headers":[],"value":null,"timestamp":1795000000000}}',
    );
  });

  test("to deny holds its reasons and nothing of the record", () => {
    expect(decisionLine({ line: 3 }, denied)).toBe(
      '{"line":3,"effect":"deny","reasons":[{"code":"SCOPE_MISMATCH","module":"scope","pointer":"/supplier"}]}\n',
    );
  });

  test("on a record of a topic names its place there", () => {
    const place = { line: 3, partition: 2, offset: 17n };
    expect(decisionLine(place, denied)).toMatch(/^\{"line":3,"partition":2,"offset":"17","effect":"deny"/);
    expect(decisionLine(place, permit)).toMatch(/^\{"line":3,"partition":2,"offset":"17","effect":"permit"/);
    expect(decisionText(place, denied, kept().context.out)).toMatch(/^3 {2}partition 2, offset 17 {2}deny/);
  });

  test("for people says the same, without characters that steer a terminal", () => {
    const { out } = kept().context;
    expect(decisionText({ line: 3 }, denied, out)).toBe("3  deny  SCOPE_MISMATCH /supplier (scope)\n");
    const record = { ...permit.record, value: Buffer.from("\u001b[2J") };
    expect(decisionText({ line: 1 }, { ...permit, record }, out)).toContain("value    \uFFFD[2J\n");
  });
});
