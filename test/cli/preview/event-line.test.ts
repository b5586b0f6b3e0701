import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEventLine, splitLines } from "../../../src/cli/preview/event-line.ts";

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
const read = (line: string | Uint8Array) =>
  readEventLine(typeof line === "string" ? Buffer.from(line) : line);

describe("a line of events", () => {
  test("with a member value is an envelope, and the value keeps its spelling", () => {
    const line = read(
      '{"key":"k","value":{"a":1E+3, "b":"\\u0041","c":123456789012345678901234567890},"headers":[["h","1"],["n",null]],"timestamp":5}',
    );
    expect(line).toMatchObject({ ok: true, value: { ignored: [], record: { timestamp: 5n } } });
    const record = line.ok ? line.value.record : undefined;
    expect(text(record?.value ?? null)).toBe('{"a":1E+3,"b":"\\u0041","c":123456789012345678901234567890}');
    expect(text(record?.key ?? null)).toBe("k");
    expect(record?.headers.map(([name, value]) => [name, text(value)])).toEqual([
      ["h", "1"],
      ["n", null],
    ]);
  });

  test("without a member value is the value, byte for byte", () => {
    const line = read(' {"a": 1.0}\r');
    expect(line.ok && text(line.value.record.value)).toBe(' {"a": 1.0}\r');
  });

  test("with a value of null is a tombstone", () => {
    expect(read('{"key":"k","value":null}')).toMatchObject({ ok: true, value: { record: { value: null } } });
  });

  test("names members that mean nothing", () => {
    expect(read('{"value":1,"offset":5}')).toMatchObject({ ok: true, value: { ignored: ["offset"] } });
  });

  test.each([
    ["", "JSON_SYNTAX"],
    ["{", "JSON_SYNTAX"],
    ["NaN", "JSON_SYNTAX"],
    ['{"value":{"a":1,"\\u0061":2}}', "JSON_DUPLICATE_NAME"],
    ['{"value":1,"value":2}', "JSON_DUPLICATE_NAME"],
    [Buffer.from([0x22, 0xff, 0x22]), "JSON_NOT_UTF8"],
    ["[".repeat(1000) + "]".repeat(1000), "JSON_TOO_DEEP"],
    ['{"value":1,"key":7}', "EVENT_INVALID"],
    ['{"value":1,"headers":{}}', "EVENT_INVALID"],
    ['{"value":1,"headers":[["a"]]}', "EVENT_INVALID"],
    ['{"value":1,"headers":[["a","b","c"]]}', "EVENT_INVALID"],
    ['{"value":1,"timestamp":"5"}', "EVENT_INVALID"],
    ['{"value":1,"timestamp":1.5}', "EVENT_INVALID"],
  ])("%s is refused as %s", (line, code) => {
    expect(read(line)).toMatchObject({ ok: false, fault: { code } });
  });

  test("is found again whatever the lines are, the last with or without its end", () => {
    const lines = fc.array(fc.string().map((line) => line.replaceAll("\n", "")));
    fc.assert(
      fc.property(lines, (given) => {
        const bytes = Buffer.from(given.map((line) => `${line}\n`).join(""));
        expect(splitLines(bytes).map((line) => text(line))).toEqual(
          given.map((line) => Buffer.from(line).toString()),
        );
      }),
    );
    expect(splitLines(Buffer.from("a\n\nb")).map((line) => text(line))).toEqual(["a", "", "b"]);
  });
});
