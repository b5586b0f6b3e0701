import { describe, expect, it } from "vitest";
import { writeJson } from "../../src/kernel/strict-json.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { project } from "../../src/policy/redact.ts";
import {
  contract,
  decide,
  HELIX,
  input,
  keys,
  left,
  node,
  number,
  permitted,
  share,
  text,
} from "./sample.ts";

const demands = contract({
  material: text(share),
  planner: text({ action: "drop" }),
  series: {
    types: ["array"],
    elements: {
      types: ["object"],
      members: {
        place: text({ action: "prefix", length: 4 }),
        demands: {
          types: ["array"],
          elements: {
            types: ["object"],
            check: { required: ["demand", "note"] },
            members: {
              demand: number({ action: "round", multiple: 100, mode: "half-even" }),
              note: text({ action: "drop" }),
            },
          },
        },
      },
    },
  },
});

describe("the projection", () => {
  it("keeps what is named, edits it, drops the rest, and counts by the contract's paths", () => {
    const record = `{ "planner":"Anna", "series":[{"demands":[{"demand":1E+3,"note":"x"},{"demand":149.5,"extra":1}],"place":"BPNS0001"},
      {"place":"BP","demands":[]}], "material":"\\u0041", "secret-name":{"x":1} }`;
    const verdict = permitted(decide(demands, record));
    expect(left(verdict)).toBe(
      '{"series":[{"demands":[{"demand":1000},{"demand":100}],"place":"BPNS"},{"place":null,"demands":[]}],"material":"\\u0041"}',
    );
    expect(verdict.fields).toEqual([
      { pointer: "/?", action: "drop", by: "contract", count: 1 },
      { pointer: "/planner", action: "drop", by: "contract", count: 1 },
      { pointer: "/series/*/demands/*/?", action: "drop", by: "contract", count: 1 },
      { pointer: "/series/*/demands/*/demand", action: "round", by: "contract", count: 2 },
      { pointer: "/series/*/demands/*/note", action: "drop", by: "contract", count: 1 },
      { pointer: "/series/*/place", action: "prefix", by: "contract", count: 2 },
    ]);
  });

  it("denies for each pointer at which a value that would leave does not keep the schema", () => {
    const record = {
      material: 5,
      planner: 5,
      series: [{ demands: [{ demand: "x" }, {}, { demand: "y" }], place: "BPNS" }],
    };
    expect(decide(demands, record)).toEqual({
      effect: "deny",
      reasons: [
        { code: "SCHEMA_MISMATCH", pointer: "/material" },
        { code: "SCHEMA_MISMATCH", pointer: "/series/*/demands/*/demand" },
      ],
    });
  });

  it("asks only for required members that would leave", () => {
    expect(left(decide(demands, { series: [{ demands: [{ demand: 1 }] }] }))).toBe(
      '{"series":[{"demands":[{"demand":0}]}]}',
    );
    expect(decide(demands, { series: [{ demands: [{ note: "x" }] }] })).toEqual({
      effect: "deny",
      reasons: [{ code: "SCHEMA_MISMATCH", pointer: "/series/*/demands/*/demand" }],
    });
  });

  it("keeps the shape of containers that it names: empty objects stay, arrays keep their length", () => {
    expect(left(decide(demands, { series: [{ other: 1 }, {}] }))).toBe('{"series":[{},{}]}');
    const scalars = contract({
      v: { types: ["array"], elements: { action: { action: "round", multiple: 10, mode: "floor" } } },
    });
    const verdict = permitted(decide(scalars, `{"v":[11,"x",29]}`));
    expect(left(verdict)).toBe('{"v":[10,null,20]}');
    expect(verdict.fields).toEqual([
      { pointer: "/v/*", action: "drop", by: "type", count: 1 },
      { pointer: "/v/*", action: "round", by: "contract", count: 2 },
    ]);
  });

  it("drops a container of which nothing would leave, and with it how many elements it has", () => {
    const hidden = contract({
      material: text(share),
      teams: {
        types: ["array"],
        elements: { types: ["object"], members: { name: text({ action: "drop" }) } },
      },
    });
    expect(left(decide(hidden, { material: "a", teams: [{ name: "x" }, {}] }))).toBe('{"material":"a"}');
  });

  it("drops a container where another kind of value stands, unless the schema makes it a mismatch", () => {
    const lax = contract({ box: { members: { a: text(share) } }, list: { elements: text(share) } });
    const verdict = permitted(decide(lax, { box: ["a"], list: { a: "a" } }));
    expect(left(verdict)).toBe("{}");
    expect(verdict.fields.map(({ pointer, by }) => [pointer, by])).toEqual([
      ["/box", "type"],
      ["/list", "type"],
    ]);
  });

  it("treats the values of a map alike, and a member of its own before that", () => {
    const map = contract({
      m: { types: ["object"], members: { "*": text({ action: "null" }), known: text(share) } },
    });
    expect(left(decide(map, { m: { known: "k", one: "x", two: "y" } }))).toBe(
      '{"m":{"known":"k","one":null,"two":null}}',
    );
  });

  it("takes names like those of every object's prototype for names", () => {
    const record = '{"constructor":"a","__proto__":{"material":"b"},"toString":"c","material":"d"}';
    expect(left(decide(demands, record))).toBe('{"material":"d"}');
    const odd = contract({ constructor: text(share), ["__proto__"]: text(share) });
    expect(left(decide(odd, record.replace('{"material":"b"}', '"b"')))).toBe(
      '{"constructor":"a","__proto__":"b"}',
    );
  });

  it("does not check what is replaced, because nothing of it leaves", () => {
    const replaced = contract({ v: text({ action: "null" }), w: text({ action: "constant", value: "-" }) });
    expect(left(decide(replaced, { v: 5, w: {} }))).toBe('{"v":null,"w":"-"}');
  });

  it("never changes what it is given", () => {
    const data = node('{"series":[{"demands":[{"demand":149}],"place":"BPNS0001"}],"x":1}');
    const before = writeJson(data);
    project(data, compilePlan(input(demands)).root, { partner: HELIX, keys, sealing: undefined });
    expect(writeJson(data)).toBe(before);
  });
});
