import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../src/document/document.ts";
import { LIMITS } from "../../src/kernel/limits.ts";

function rulesOf(text: string | Uint8Array, file = "a.yaml"): readonly string[] {
  const read = readDocument(text, file);
  return (read.ok ? read.value.warnings : read.fault).map(
    ({ line, column, rule }) => `${line}:${column} ${rule}`,
  );
}

function contentOf(text: string | Uint8Array, file = "a.yaml"): unknown {
  const read = readDocument(text, file);
  return read.ok ? read.value.value : read.fault;
}

describe("a document", () => {
  it("is YAML 1.2: timestamps, yes and octals of old stay what they look like", () => {
    expect(contentOf("at: 2026-11-22\nyes: no\nold: 0755\nhex: 0x10\nnothing: ~\nreal: 1e3\n")).toEqual({
      at: "2026-11-22",
      yes: "no",
      old: 755,
      hex: 16,
      nothing: null,
      real: 1000,
    });
  });

  it("knows where every value and every name begins", () => {
    const read = readDocument("list:\n- {a: 1,\n   b/c: two}\n- 3\n", "a.yaml");
    if (!read.ok) throw new Error("It is well-formed.");
    const { value: document } = read;
    expect(document.locate("/list/0/b~1c")).toEqual({ line: 3, column: 9 });
    expect(document.locateKey("/list/0/b~1c")).toEqual({ line: 3, column: 4 });
    expect(document.locateKey("/list/1")).toEqual({ line: 4, column: 3 });
  });

  it("locates what is not there at its nearest ancestor", () => {
    const read = readDocument("a:\n  b: {}\n", "a.yaml");
    if (!read.ok) throw new Error("It is well-formed.");
    expect(read.value.locate("/a/b/c/d")).toEqual({ line: 2, column: 6 });
    expect(read.value.locate("/x")).toEqual({ line: 1, column: 1 });
  });

  it("counts columns in UTF-16 code units and skips a byte order mark", () => {
    expect(rulesOf('\uFEFFa: ["😀", *x]\n')).toEqual(["1:11 file.alias"]);
  });

  it.each([
    ["an alias", "a: &x 1\nb: *x\n", ["2:4 file.alias"]],
    ["a duplicate name", "a: 1\nb: 2\na: 3\n", ["3:1 file.duplicate-name"]],
    ["the same name spelt in two ways", '{"a": 1, "\\u0061": 2}', ["1:10 file.duplicate-name"]],
    ["a prototype name", "x: {__proto__: 1, constructor: 2}\n", ["1:5 file.name", "1:19 file.name"]],
    ["a tag of its own", "a: !secret b\n", ["1:4 file.syntax"]],
    ["bytes in disguise", "a: !!binary aGk=\n", ["1:4 file.syntax"]],
    ["a list as a name", "? [a, b]\n: 1\n", ["1:3 file.name"]],
    ["several documents", "a: 1\n---\nb: 2\n", ["2:1 file.several-documents"]],
    ["no document", "# nothing\n", ["1:1 file.empty"]],
    ["infinity", "a: .inf\nb: 1e999\n", ["1:4 file.number", "2:4 file.number"]],
    ["half a surrogate pair", '{"a": "\\ud800"}', ["1:7 file.not-utf8"]],
    ["an open quote", "a: 'b\n", ["2:1 file.syntax"]],
  ])("with %s is refused at its place", (_what, text, rules) => {
    expect(readDocument(text, "a.yaml").ok).toBe(false);
    expect(rulesOf(text)).toEqual(rules);
  });

  it("that is not UTF-8 is refused", () => {
    expect(rulesOf(new Uint8Array([0x61, 0x3a, 0x20, 0xff]))).toEqual(["1:1 file.not-utf8"]);
  });

  it("reports everything that is wrong at once", () => {
    expect(rulesOf("a: 1\na: 2\nb: .nan\nc: &x 1\nd: *x\n")).toEqual([
      "2:1 file.duplicate-name",
      "3:4 file.number",
      "5:4 file.alias",
    ]);
  });

  it("never quotes a value that is wrong", () => {
    const read = readDocument("password: hunter2 hunter2\n  : hunter2\nb: @hunter2\nc: *hunter2\n", "a.yaml");
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain("hunter2");
  });

  it("warns of a number that a double can't hold, and of no other", () => {
    expect(
      rulesOf(
        "a: 12345678901234567891\nb: 0.1\nc: 1.10\nd: 1000000000000000000000\ne: 0.10000000000000000001\n",
      ),
    ).toEqual(["1:4 file.number-precision", "5:4 file.number-precision"]);
  });

  it("named .json must be JSON by the letter", () => {
    expect(contentOf('{"a": [1, 2]}', "a.json")).toEqual({ a: [1, 2] });
    expect(contentOf('\t{\n\t"a":\t1 }', "a.json")).toEqual({ a: 1 });
    expect(rulesOf('{"é": 1,}', "a.json")).toEqual(["1:9 file.not-json"]);
    expect(rulesOf("a: 1", "a.json")).toEqual(["1:1 file.not-json"]);
  });
});

describe("an attack by size", () => {
  const lines = Array.from({ length: 1400 }, (_, index) => `${" ".repeat(index)}a:\n`).join("");
  it.each([
    ["open brackets", "[".repeat(900_000), "file.too-deep"],
    ["dashes on a line", "- ".repeat(500_000), "file.too-deep"],
    ["question marks on a line", "? ".repeat(500_000), "file.too-deep"],
    ["indentation", lines, "file.too-deep"],
    ["bytes", "a".repeat(LIMITS.documentBytesMax + 1), "file.too-large"],
    ["values", "[a,a]\n".replace("a", "a,".repeat(150_000)), "file.too-many-nodes"],
  ])("of %s is refused before anything recurses", (_what, text, rule) => {
    const read = readDocument(text, "a.yaml");
    expect(read.ok ? [] : read.fault.map((problem) => problem.rule)).toEqual([rule]);
  });

  it("of problems lists no more than a report may", () => {
    const read = readDocument(`a: [${"*x, ".repeat(1000)}1]`, "a.yaml");
    expect(read.ok ? 0 : read.fault.length).toBeLessThanOrEqual(LIMITS.problemsMax);
  });
});

describe("any JSON value", () => {
  it("is read as JSON.parse reads it, as YAML and as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text));
        expect(contentOf(text, "a.json")).toEqual(JSON.parse(text));
        expect(contentOf(JSON.stringify(value, undefined, 2))).toEqual(JSON.parse(text));
      }),
      { numRuns: 150 },
    );
  });
});
