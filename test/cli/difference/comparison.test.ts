import { describe, expect, test } from "vitest";
import { comparisonOf } from "../../../src/cli/difference/comparison.ts";
import { comparisonText } from "../../../src/cli/difference/comparison-text.ts";
import { pairsOf } from "../../../src/cli/difference/pair.ts";
import type { State } from "../../../src/cli/difference/state.ts";
import type { Contract } from "../../../src/kernel/contract.ts";
import { contract, NOW, number, partner, share, text } from "../../policy/sample.ts";
import { state } from "./state-sample.ts";

const plain = { paint: (_: string, words: string) => words };
const of = (subject: Contract): State => state({ contracts: [subject] });

function compare(old: State, next: State, lines?: readonly string[]) {
  const [pair] = pairsOf(old, next, [partner()], undefined);
  if (pair === undefined) throw new Error("There is one contract.");
  return comparisonOf(
    pair,
    lines?.map((line) => Buffer.from(line)),
    NOW,
  );
}

const lax = contract({ a: text(share), list: { types: ["array"], elements: number(share) } });
const strict = contract(
  {
    a: text({ action: "drop" }),
    list: { types: ["array"], elements: number(share, { check: { maximum: 9 } }) },
  },
  { key: { action: "drop" } },
);

describe("records that come out otherwise", () => {
  test("are told with line, effects, and where the values differ", () => {
    const { events } = compare(of(lax), of(strict), [
      '{"a":"x","list":[1]}',
      '{"list":[1,2]}',
      '{"a":"x","list":[99]}',
      "[",
      '{"value":{"list":["x"]}}',
    ]);
    expect(events).toMatchObject({
      records: 4,
      differing: 2,
      examples: [
        {
          line: 1,
          pointers: ["/a"],
          before: { effect: "permit", value: { a: "x" } },
          after: { effect: "permit" },
        },
        {
          line: 3,
          pointers: [""],
          before: { effect: "permit" },
          after: { effect: "deny", value: undefined, reasons: ["SCHEMA_MISMATCH /list/*"] },
        },
      ],
    });
  });

  test("differ by their key and headers too, but not by what the gateway adds", () => {
    const keyed = contract({ a: text(share) }, { key: { action: "share" }, headers: ["h"] });
    const line = '{"key":"k","headers":[["h","1"]],"value":{"a":"x"}}';
    const { events } = compare(of(keyed), of(contract({ a: text(share) })), [line]);
    const [example] = events?.examples ?? [];
    expect([example?.pointers, example?.before.key, example?.after.key]).toEqual([[], "k", null]);
    const headers = [example?.before, example?.after].map((side) => side?.headers.map(([name]) => name));
    expect(headers).toEqual([expect.arrayContaining(["h", "ce_id"]), expect.not.arrayContaining(["h"])]);
    expect(JSON.stringify(headers)).not.toContain("ce_mesh");
    expect(compare(of(keyed), of(keyed), [line]).events?.differing).toBe(0);
    const daily = contract({ a: text(share) }, { timestamp: { action: "truncate-date", to: "day" } });
    expect(compare(of(lax), of(daily), ['{"a":"x"}']).events?.differing).toBe(1);
  });

  test("are at most twenty, and all are counted", () => {
    const { events } = compare(
      of(lax),
      of(strict),
      Array.from({ length: 30 }, () => '{"a":"x"}'),
    );
    expect([events?.differing, events?.examples.length]).toEqual([30, 20]);
  });

  test("are not looked for unasked", () => {
    expect(compare(of(lax), of(strict))).not.toHaveProperty("events");
  });
});

describe("a comparison for people", () => {
  test("has no character in it that steers a terminal", () => {
    const said = compare(of(lax), of(strict), ['{"a":"\\u001b[31mx"}']);
    expect(comparisonText(said, plain)).not.toContain("\u001b");
  });

  test("says what a state does not have", () => {
    const said = compare(state({ contracts: [] }), of(lax), ['{"a":"x"}']);
    expect(comparisonText(said, plain)).toContain("no contract → material-demand 2.1.0, widening\n");
    expect([said.widens, said.events?.examples[0]?.before.effect]).toEqual([true, "none"]);
  });
});
