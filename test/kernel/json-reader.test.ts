import { describe, expect, test } from "vitest";
import { readText } from "../../src/kernel/json-reader.ts";

const limits = { depthMax: 8, arrayLengthMax: 8 };

describe("readText", () => {
  test("takes any number, or only those that a double can hold", () => {
    expect(readText("[1e400]", limits).ok).toBe(true);
    expect(readText("[1e400]", { ...limits, doublesOnly: true })).toEqual({
      ok: false,
      fault: { code: "JSON_SYNTAX", at: 1 },
    });
    expect(readText("[1e308,1e-400]", { ...limits, doublesOnly: true }).ok).toBe(true);
  });

  test("tells the first fault, in bytes of UTF-8", () => {
    expect(readText('["é",{"a":1,"a":}]', limits)).toEqual({
      ok: false,
      fault: { code: "JSON_DUPLICATE_NAME", at: 13 },
    });
  });

  test("keeps members in the order of the text, also those that look like indexes", () => {
    const result = readText('{"b":1,"2":2,"1":3}', limits);
    if (!result.ok || result.value.kind !== "object") throw new Error("An object was written.");
    expect([...result.value.members.keys()]).toEqual(["b", "2", "1"]);
  });
});
