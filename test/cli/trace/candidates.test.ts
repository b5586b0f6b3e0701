import { describe, expect, test } from "vitest";
import { Candidates } from "../../../src/cli/trace/candidates.ts";

const domain = (name: string, paths: readonly string[], open = false) => ({
  name,
  fields: paths.map((path) => ({ contract: "c", path })),
  open,
});
const textsFor = (candidates: Candidates, ...of: Parameters<typeof domain>) =>
  candidates.of(domain(...of)).flatMap((texts) => [...texts]);

describe("candidates", () => {
  test("from a list stand in any field, as they are and as a number", () => {
    const candidates = new Candidates([]);
    candidates.addValue("1250.0", "v:1");
    candidates.addValue("M-1", "v:2");
    candidates.addValue("M-1", "v:3");
    expect(textsFor(candidates, "/a", ["/a"])).toEqual([
      ["1250.0", "v:1"],
      ["1250", "v:1"],
      ["M-1", "v:2"],
    ]);
  });

  test("from records stand where a contract has them: in elements, and in maps where it knows a map", () => {
    const candidates = new Candidates(["/list/*/n", "/map/*", "/plain"]);
    const added = candidates.addRecord(
      Buffer.from(
        '{"key":"K","value":{"list":[{"n":1.50},{"n":true}],"map":{"x":"X"},"plain":"P","other":"O"}}',
      ),
      "e:1",
    );
    expect(added).toBe(true);
    expect(textsFor(candidates, "/list/*/n", ["/list/*/n"])).toEqual([["1.5", "e:1"]]);
    expect(textsFor(candidates, "/map/*", ["/map/*"])).toEqual([["X", "e:1"]]);
    expect(textsFor(candidates, "/map/x", ["/map/x"])).toEqual([]);
    expect(textsFor(candidates, "key", ["key"])).toEqual([["K", "e:1"]]);
    expect(textsFor(candidates, "both", ["/plain", "/plain", "/map/*"])).toEqual([
      ["P", "e:1"],
      ["X", "e:1"],
    ]);
    const all = textsFor(candidates, "named", [], true).map(([text]) => text);
    expect(all.sort()).toEqual(["1.5", "K", "O", "P", "X"]);
  });

  test.each(["{", '{"value":1,"key":2}'])("are not taken from what is no record: %s", (line) => {
    expect(new Candidates([]).addRecord(Buffer.from(line), "e:1")).toBe(false);
  });

  test("deep inside objects do not cost more than paths are looked up", () => {
    const candidates = new Candidates([]);
    const record = `${'{"m":'.repeat(40)}"D"${"}".repeat(40)}`;
    expect(candidates.addRecord(Buffer.from(record), "e:1")).toBe(true);
    expect(textsFor(candidates, "all", [], true)).toEqual([["D", "e:1"]]);
  });

  test("are not taken from a tombstone but for its key", () => {
    const candidates = new Candidates([]);
    expect(candidates.addRecord(Buffer.from('{"key":"K","value":null}'), "e:1")).toBe(true);
    expect(textsFor(candidates, "all", [], true)).toEqual([["K", "e:1"]]);
  });
});
