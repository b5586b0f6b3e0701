import { describe, expect, test } from "vitest";
import { isAttribute, readAttributes } from "../../../src/mesh/cloudevents/attributes.ts";

describe("an attribute keeps CloudEvents 1.0.2, §2 and §3", () => {
  test.each([
    ["id", "1234", true],
    ["id", "", false],
    ["id", undefined, false],
    ["id", "a\u0000", false],
    ["id", "a\u0085", false],
    ["id", "\ud800", false],
    ["id", "\uffff", false],
    ["id", "Zürich 😀", true],
    ["source", "/mycontext/subcontext", true],
    ["source", "urn:bpn:BPNL00000003AYRE:dcm", true],
    ["source", "two words", false],
    ["source", "a<b>", false],
    ["specversion", "1.0", true],
    ["specversion", "0.3", false],
    ["specversion", "1.0.2", false],
    ["subject", undefined, true],
    ["subject", "", false],
    ["time", undefined, true],
    ["time", "2018-04-05T03:56:24.123456789+02:00", true],
    ["time", "2018-04-05t03:56:24z", true],
    ["time", "2016-12-31T23:59:60Z", true],
    ["time", "2018-04-05", false],
    ["time", "2018-04-05 03:56:24Z", false],
    ["time", "2018-04-05T03:56:24", false],
    ["time", "2018-13-05T03:56:24Z", false],
    ["time", "2018-04-05T24:00:00Z", false],
    ["time", "2018-04-05T03:56:24Z\n", false],
  ] as const)("%s %j: %s", (name, text, expected) => {
    expect(isAttribute(name, text)).toBe(expected);
  });
});

test("what is not there stays absent: no time is invented", () => {
  const given: Record<string, string> = { id: "1", source: "/a", type: "b", specversion: "1.0" };
  expect(readAttributes((name) => given[name])).toEqual({
    ok: true,
    value: { id: "1", source: "/a", type: "b", subject: undefined, time: undefined },
  });
});

test.each(["id", "source", "type", "specversion"])("without %s there is no event", (missing) => {
  const given: Record<string, string> = { id: "1", source: "/a", type: "b", specversion: "1.0" };
  const result = readAttributes((name) => (name === missing ? undefined : given[name]));
  expect(result).toEqual({ ok: false, fault: { code: "EVENT_INVALID" } });
});
