import { describe, expect, it } from "vitest";
import type { PlanCondition } from "../../../src/kernel/plan.ts";
import { PAGES } from "../../../src/policy/kernel/layout.ts";
import { compilePlan } from "../../../src/policy/plan.ts";
import { contract, input, keys, number, share, text } from "../sample.ts";
import { expectSame, kernel, NEIGHBOURS, planOf, rule } from "./differential.ts";

const whole = rule("/whole", { action: share, check: { types: ["object", "array"] } });
const plan = planOf(
  rule("", {
    own: undefined,
    check: { types: ["object"], required: ["kept"] },
    members: {
      kept: rule("/kept", { action: share }),
      amount: rule("/amount", {
        action: { action: "round", multiple: 0.01, mode: "half-even" },
        check: { types: ["number"] },
      }),
      day: rule("/day", { action: { action: "truncate-date", to: "month" }, check: { format: "date" } }),
      place: rule("/place", { action: { action: "prefix", length: 2 } }),
      gone: rule("/gone", { action: { action: "drop" } }),
      whole,
      list: rule("/list", {
        own: undefined,
        elements: rule("/list/*", { action: { action: "pseudonymize" } }),
      }),
    },
  }),
  { limits: { bytesMax: 1_000_000, depthMax: 5, arrayLengthMax: 3 } },
);

/** A value of `kept`, or of what is not listed, in a document that is in order otherwise. */
const kept = (token: string): string => `{"kept":${token}}`;
const dropped = (token: string): string => `{"kept":1,"unlisted":${token},"gone":${token}}`;
const nines = (count: number): string => "9".repeat(count);

/** What is permitted is permitted with the same bytes; everything else is not the kernel's. */
const PERMITTED: Readonly<Record<string, string>> = {
  "an empty name": '{"kept":{},"":1,"kept ":2}',
  "a pair of surrogates": kept('"\\ud83d\\ude00"'),
  "a NUL that is escaped": kept('"\\u0000"'),
  "four bytes of UTF-8": kept('"😀"'),
  "the last scalar value": kept('"\u{10ffff}"'),
  "DEL and C1": kept('"\x7f\u0080"'),
  "a number of 400 digits": kept(nines(400)),
  "a number of 400 digits, rounded": `{"kept":1,"amount":${nines(400)}}`,
  "a number of 400 digits, dropped": dropped(nines(400)),
  "1e400": kept("1e400"),
  "1e400, rounded": '{"kept":1,"amount":1e400}',
  "1e2, rounded": '{"kept":1,"amount":1e2}',
  "minus zero": kept("-0"),
  "minus zero, rounded": '{"kept":1,"amount":-0.000}',
  "a tie below zero": '{"kept":1,"amount":-0.125}',
  "eighteen digits": '{"kept":1,"amount":999999999999999.995}',
  "nineteen digits": '{"kept":1,"amount":9999999999999999.995}',
  "space everywhere": ' \n{ "kept" :\t[ ] ,\r"whole" : [ 1 , { "a b" : " x " } ] } ',
  "a prefix of fewer characters": '{"kept":1,"place":"é"}',
  "a prefix of escapes": '{"kept":1,"place":"\\u00e9\\u00e9\\u00e9"}',
  "a date with an escape": '{"kept":1,"day":"2026-11-2\\u0032"}',
  "a list of nothing that is taken": '{"kept":1,"list":[null,{"a":[]},true]}',
  "the deepest": dropped("[[[[]]]]"),
  "the longest": dropped("[1,2,3]"),
  "a name inside a value": kept('"\\"kept\\":1"'),
};

const NOT_ITS_OWN: Readonly<Record<string, string | Uint8Array>> = {
  nothing: "",
  space: "  ",
  "two values": '{"kept":1}{"kept":1}',
  "a byte order mark": '\ufeff{"kept":1}',
  "NUL behind the value": '{"kept":1}\0',
  "NUL in a string": kept('"\0"'),
  "an escaped name": '{"kep\\u0074":1}',
  "an escaped name that is not listed": '{"kept":1,"\\u0061":1}',
  "an escaped name in a dropped value": dropped('{"\\u0061":1}'),
  "a name twice": '{"kept":1,"kept":1}',
  "a name twice, once escaped": '{"kept":1,"kep\\u0074":1}',
  "a name twice in a dropped value": dropped('{"a":1,"b":2,"a":1}'),
  "a name twice in an element of a dropped array": dropped('[{"a":1},{"b":1,"b":1}]'),
  "a name twice in what leaves whole": '{"kept":1,"whole":{"x":{"a":1,"a":1}}}',
  "a long name twice": dropped(`{"${"n".repeat(40)}":1,"x":1,"${"n".repeat(40)}":2}`),
  "half a pair": kept('"\\ud83d"'),
  "half a pair, the second": kept('"\\ude00"'),
  "two first halves": kept('"\\ud83d\\ud83d\\ude00"'),
  "half a pair, dropped": dropped('"\\uD800 "'),
  "half a pair in UTF-8": Buffer.from([...Buffer.from('{"kept":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
  "an overlong byte": Buffer.from([...Buffer.from('{"kept":"'), 0xc0, 0x80, ...Buffer.from('"}')]),
  "UTF-8 that is cut": Buffer.from([...Buffer.from('{"kept":"'), 0xe2, 0x82, ...Buffer.from('"}')]),
  "too deep": dropped("[[[[[]]]]]"),
  "too deep, leaving": '{"kept":1,"whole":[[[[[]]]]]}',
  "too long": dropped("[1,2,3,4]"),
  "too long, kept": '{"kept":1,"list":["a","b","c","d"]}',
  "a leading zero": kept("01"),
  "a plus": kept("+1"),
  "a point without digits": kept("1."),
  "a comma at the end": '{"kept":1,}',
  "a member that must be there": '{"amount":1}',
  "a type that does not fit": '{"kept":1,"amount":"1"}',
  "a date that is none": '{"kept":1,"day":"2026-02-30"}',
  "no object": "[]",
};

describe("the kernel", () => {
  it.each(Object.entries(PERMITTED))("permits %s", (_, document) => {
    for (const neighbour of NEIGHBOURS)
      expect(expectSame(plan, document, { neighbour }).effect).toBe("permit");
  });

  it.each(Object.entries(NOT_ITS_OWN))("leaves %s alone", (_, document) => {
    for (const neighbour of NEIGHBOURS)
      expect(expectSame(plan, document, { neighbour }).effect).toBe("other");
  });

  it("leaves a document alone that ends at any byte but its last", () => {
    const document = Buffer.from(
      '{"kept":"Grün\\n","amount":12.50,"whole":[{"a":true},null],"list":["a"],"x":-1e5}',
    );
    const loaded = kernel.load(plan, keys);
    for (let end = 0; end < document.length; end++) {
      // Behind the cut stands what would complete the document.
      const neighbour = document.subarray(end).toString("latin1");
      expect(expectSame(plan, document.subarray(0, end), { loaded, neighbour }).effect).toBe("other");
    }
    expect(expectSame(plan, document, { loaded }).effect).toBe("permit");
  });

  it("does not take a number's end for the next record's beginning", () => {
    const open = planOf(rule("", { action: share }));
    for (const neighbour of ["0", ".5", "e5", "-1"]) {
      expect(expectSame(open, "12", { neighbour })).toMatchObject({
        effect: "permit",
        bytes: Buffer.from("12"),
      });
    }
    expect(expectSame(open, "tru", { neighbour: "e" }).effect).toBe("other");
    expect(expectSame(open, '"a', { neighbour: '"' }).effect).toBe("other");
  });
});

describe("conditions", () => {
  const need = (field: string, op: PlanCondition["op"], ...values: string[]): PlanCondition => ({
    module: "contract",
    field,
    op,
    values,
  });
  const scoped = planOf(plan.root, {
    conditions: [need("/supplier", "equals", "B1"), need("/kept/to", "prefix", "B"), need("/gone", "exists")],
  });

  it.each([
    ['{"kept":1,"supplier":"B1","gone":0}', ["/kept/to"]],
    ['{"kept":1,"supplier":"B2","gone":null}', ["/supplier", "/kept/to", "/gone"]],
    ['{"kept":1,"supplier":["B1"]}', ["/supplier", "/kept/to", "/gone"]],
    ['{"kept":{"to":"B7"},"supplier":"B1","gone":[]}', []],
  ])("of %s that are not met are named", (document, fields) => {
    const verdict = expectSame(scoped, document);
    expect(verdict.effect === "unmet" ? verdict.conditions.map(({ field }) => field) : []).toEqual(fields);
  });

  it("are left to others where the text is escaped", () => {
    expect(expectSame(scoped, '{"kept":1,"supplier":"B\\u0031"}').effect).toBe("other");
  });
});

describe("the memory of the kernel", () => {
  const many = Object.fromEntries(
    Array.from({ length: 600 }, (_, n) => [`field${n}`, n % 2 === 0 ? text(share) : number(share)]),
  );
  const large = compilePlan(input(contract(many)));

  it("holds a plan of hundreds of fields", () => {
    const document = JSON.stringify(
      Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`field${n}`, n % 2 === 0 ? "x" : n])),
    );
    expect(expectSame(large, document)).toMatchObject({ effect: "permit", bytes: Buffer.from(document) });
  });

  it("refuses a plan that does not fit, and objects of too many names, and stays as it is", () => {
    const members = Array.from(
      { length: 9000 },
      (_, n) => [`field${n}`, rule(`/field${n}`, { action: { action: "null" } })] as const,
    );
    const huge = planOf(rule("", { own: undefined, members: Object.fromEntries(members) }));
    expect(kernel.load(huge, keys).project(Buffer.from("{}"))).toEqual({
      effect: "other",
      fault: "too large",
    });
    const names = JSON.stringify(Object.fromEntries(Array.from({ length: 1100 }, (_, n) => [`n${n}`, n])));
    expect(kernel.load(large, keys).project(Buffer.from(names))).toEqual({
      effect: "other",
      fault: "too many names",
    });
    expect(kernel.memoryBytes).toBe(PAGES * 65_536);
  });

  it("takes records at the limit, and none beyond", () => {
    const open = planOf(rule("", { own: undefined, members: { a: rule("/a", { action: share }) } }), {
      limits: { bytesMax: 16_777_216, depthMax: 5, arrayLengthMax: 10_000 },
    });
    const fits = `{"a":"${"x".repeat(5_242_872)}"}`;
    expect(expectSame(open, fits.replace("x".repeat(3_200_000), "")).effect).toBe("permit");
    expect(kernel.load(open, keys).project(Buffer.from(fits)).effect).toBe("permit");
    expect(kernel.load(open, keys).project(Buffer.from(`${fits} `)).effect).toBe("other");
  });

  it("gives away what becomes larger than its room", () => {
    const constant = { action: "constant", value: "x".repeat(1000) } as const;
    const growing = planOf(
      rule("", { own: undefined, elements: rule("/*", { action: constant, own: "constant" }) }),
      {
        limits: { bytesMax: 1_000_000, depthMax: 5, arrayLengthMax: 10_000 },
      },
    );
    expect(expectSame(growing, `[${"1,".repeat(1000)}1]`).effect).toBe("permit");
    expect(kernel.load(growing, keys).project(Buffer.from(`[${"1,".repeat(9000)}1]`))).toMatchObject({
      fault: "no room for what leaves",
    });
  });

  it("goes no deeper than its stack, whatever the plan allows", () => {
    const endless = planOf(rule("", { own: undefined }), {
      limits: { bytesMax: 1e9, depthMax: 1e9, arrayLengthMax: 1e15 },
    });
    const loaded = kernel.load(endless, keys);
    const deep = `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(loaded.project(Buffer.from(deep))).toEqual({ effect: "other", fault: "depth" });
    expect(expectSame(endless, `{"x":${"[".repeat(200)}${"]".repeat(200)}}`).effect).toBe("permit");
  });

  it("keeps fields apart whose pseudonyms have domains of their own", () => {
    const pseudonym = { action: "pseudonymize" } as const;
    const members = { a: rule("/a", { action: pseudonym }), b: rule("/b", { action: pseudonym }) };
    expect(expectSame(planOf(rule("", { own: undefined, members })), '{"a":"x","b":"x"}').effect).toBe(
      "permit",
    );
  });

  it.each([{ action: "drop" }, { action: "null" }, { action: "constant", value: [1] }] as const)(
    "puts $action in the place of a container that was taken away, and checks what is in it",
    (action) => {
      const x = rule("/o/x", { action: { action: "drop" }, own: "share", check: { types: ["string"] } });
      const o = rule("/o", {
        action,
        own: undefined,
        by: "infosec/x",
        members: { x, y: rule("/o/y", { action: share }) },
      });
      const taken = planOf(rule("", { own: undefined, members: { o, z: rule("/z", { action: share }) } }));
      for (const value of ['{"x":"1","y":2,"u":3}', "{}", "[]", "null"]) {
        expect(expectSame(taken, `{"z":0,"o":${value},"n":1}`).effect).toBe("permit");
      }
      expect(expectSame(taken, '{"o":{"x":1}}').effect).toBe("other");
    },
  );

  it("keeps plans apart that are used in turn", () => {
    const one = planOf(rule("", { action: { action: "pseudonymize", domain: "one" } }));
    const other = planOf(rule("", { action: { action: "pseudonymize", domain: "other" } }));
    const loaded = [one, other].map((each) => [each, kernel.load(each, keys)] as const);
    for (let turn = 0; turn < 3; turn++)
      for (const [each, it] of loaded) expectSame(each, '"a"', { loaded: it });
  });
});
