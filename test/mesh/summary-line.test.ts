import { expect, test } from "vitest";
import { digestOf } from "../../src/kernel/digest.ts";
import { readSummary } from "../../src/mesh/summary-line.ts";

const LINE = {
  partition: 3,
  sequence: 7,
  count: 2,
  frame: digestOf("frame"),
  body: digestOf("body"),
  previous: digestOf("previous"),
  time: "2026-12-15T12:00:00.000Z",
};

test("a partner's line is read, and what is not asked for is left out", () => {
  expect(readSummary(JSON.stringify(LINE))).toEqual(LINE);
  expect(readSummary(JSON.stringify({ ...LINE, erasures: 1, note: "x" }))).toEqual({ ...LINE, erasures: 1 });
});

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ...Object.keys(LINE).map((name) => [`no ${name}`, JSON.stringify({ ...LINE, [name]: undefined })]),
  ...["frame", "body", "previous"].flatMap((name) => [
    [`a ${name} that is no digest`, JSON.stringify({ ...LINE, [name]: "sha-256:0" })],
    [`a ${name} with more behind`, JSON.stringify({ ...LINE, [name]: `${digestOf("x")}0` })],
  ]),
  ...["partition", "sequence", "count", "erasures"].flatMap((name) => [
    [`a ${name} below zero`, JSON.stringify({ ...LINE, [name]: -1 })],
    [`a ${name} that is no whole number`, JSON.stringify({ ...LINE, [name]: 0.5 })],
    [`a ${name} that is a text`, JSON.stringify({ ...LINE, [name]: "1" })],
  ]),
  ["a time longer than any", JSON.stringify({ ...LINE, time: "2".repeat(41) })],
])("a line with %s is refused", (_, line) => {
  expect(() => readSummary(line ?? "")).toThrow(expect.objectContaining({ code: "PARTNER_ANSWER_INVALID" }));
});
