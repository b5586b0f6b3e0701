import { describe, expect, it } from "vitest";
import { type Document, readDocument } from "../../src/document/document.ts";
import { checkShape, compileShape, valueAt } from "../../src/document/shape.ts";

function document(text: string): Document {
  const read = readDocument(text, "a.yaml");
  if (!read.ok) throw new Error("The text of this test is well-formed.");
  return read.value;
}

const shape = compileShape(
  {
    type: "object",
    required: ["name"],
    additionalProperties: false,
    properties: {
      name: { type: "string", minLength: 2 },
      retention: { type: "integer", minimum: 1 },
      mode: { enum: ["binary", "structured"] },
      password: { type: "string", pattern: "^[a-z]+$" },
      either: {
        anyOf: [
          { enum: ["drop", "share"] },
          {
            type: "object",
            required: ["action", "multiple"],
            properties: { action: { const: "round" }, multiple: { type: "number" } },
          },
          {
            type: "object",
            required: ["action", "length"],
            properties: { action: { const: "prefix" }, length: { type: "number" } },
          },
        ],
      },
    },
  },
  "test",
);

const problemsOf = (text: string): readonly string[] =>
  checkShape(document(text), shape).map(
    ({ line, column, pointer, rule, message, mend }) =>
      `${line}:${column} ${pointer} ${rule}: ${message} ${mend}`,
  );

describe("a shape", () => {
  it("says nothing about what keeps it", () => {
    expect(problemsOf("name: abc\nmode: binary\neither: {action: round, multiple: 5}\n")).toEqual([]);
  });

  it("reports everything at once, each at its place, in plain words", () => {
    expect(problemsOf("nam: abc\nretention: 0\nmode: strucured\n")).toEqual([
      "1:1  test.required: The document has no `name`. Add `name`.",
      "1:1 /nam test.unknown-key: The document has `nam`, which is not known there. Did you mean `name`?",
      "2:12 /retention test.range: `retention` must be at least 1. Correct the value.",
      "3:7 /mode test.value: `mode` must be `binary` or `structured`. Did you mean `structured`?",
    ]);
  });

  it("tells a wrong value by its place and never by itself", () => {
    const [problem] = checkShape(document("name: abc\npassword: Hunter2\n"), shape);
    expect(problem?.pointer).toBe("/password");
    expect(JSON.stringify(problem)).not.toContain("Hunter2");
  });

  it("names what is wrong with the branch that was meant, and no other branch", () => {
    expect(problemsOf("name: abc\neither: {action: round, multiple: lots}\n")).toEqual([
      "2:35 /either/multiple test.type: `multiple` must be a number. Write a number.",
    ]);
  });

  it("names the words that choose a branch when none was meant", () => {
    expect(problemsOf("name: abc\neither: dropp\n")).toEqual([
      "2:9 /either test.value: `either` must be `drop` or `share`. Did you mean `drop`?",
    ]);
    expect(problemsOf("name: abc\neither: {action: rund, multiple: 1}\n")).toEqual([
      "2:18 /either/action test.value: `action` must be `round` or `prefix`. Did you mean `round`?",
    ]);
  });

  it("has words for an element of a list", () => {
    const list = compileShape({
      type: "object",
      properties: { all: { type: "array", items: { type: "string" } } },
    });
    expect(checkShape(document("all: [a, 1]\n"), list).map(({ message }) => message)).toEqual([
      "Element 1 of `all` must be a string.",
    ]);
  });

  it("checks a part of a document with pointers into the whole", () => {
    const [problem] = checkShape(document("spec: {name: a}\n"), shape, "/spec");
    expect(problem).toMatchObject({ pointer: "/spec/name", rule: "test.length", line: 1, column: 14 });
  });

  it("shows a hostile name without what could steer a terminal", () => {
    const [, problem] = checkShape(document('{"name": "abc", "\\u001b[2Jx": 1, "y": 2}'), shape);
    const messages = checkShape(document('{"name": "abc", "\\u001b[2Jx": 1}'), shape).map(
      ({ message }) => message,
    );
    expect(messages.join()).not.toContain("\u001b");
    expect(problem?.rule).toBe("test.unknown-key");
  });
});

describe("a pointer into a value", () => {
  it("finds members and elements, and nothing inherited", () => {
    const value = { a: [{ "b/c": 1 }] };
    expect(valueAt(value, "/a/0/b~1c")).toBe(1);
    expect(valueAt(value, "/a/length")).toBeUndefined();
    expect(valueAt(value, "/toString")).toBeUndefined();
  });
});
