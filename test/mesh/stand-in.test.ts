import { describe, expect, it } from "vitest";
import { standIn } from "../../src/mesh/stand-in.ts";

const of = (data: string, ...pointers: string[]): string =>
  Buffer.from(standIn(Buffer.from(data), pointers)).toString();

describe("a stand-in", () => {
  it("is an empty object where nothing looks into the data", () => expect(of('{"a":1}')).toBe("{}"));

  it.each([
    ['{"a":"x","b":"y"}', ["/a"], '{"a":"x"}'],
    ['{"a":{"b":"x","c":"y"}}', ["/a/b", "/a/c"], '{"a":{"b":"x","c":"y"}}'],
    ['{"a":{"b":1},"c":null}', ["/a", "/c", "/d"], "{}"],
    ['{"__proto__":"x"}', ["/__proto__", "/constructor"], '{"__proto__":"x"}'],
    ['["x"]', ["/a"], "{}"],
  ])("of %s has what stands at %j", (data, pointers, text) => expect(of(data, ...pointers)).toBe(text));

  it.each([
    ["a number, whose spelling counts", '{"a":1.50}', "/a"],
    ["an index", '{"a":["x"]}', "/a/0"],
    ["any of several", '{"a":{"b":"x"}}', "/a/*"],
    ["the whole", '"x"', ""],
  ])("is the data itself for %s", (_, data, pointer) => expect(of(data, pointer)).toBe(data));
});
