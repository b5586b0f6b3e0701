import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../../src/kernel/action.ts";
import type { ValueCheck } from "../../../src/kernel/contract.ts";
import { Kernel } from "../../../src/policy/kernel/kernel.ts";
import { MEMO_SLOTS } from "../../../src/policy/kernel/layout.ts";
import { keys } from "../sample.ts";
import { expectSame, kernel, MODULE, NEIGHBOURS, planOf, rule } from "./differential.ts";

/** What the kernel has a short way for, held against the reference implementation just inside and just outside of it. */

const one = (action: FieldAction, check: ValueCheck = {}) =>
  planOf(rule("", { own: undefined, members: { v: rule("/v", { action, check }) } }));

/** All tokens in one loaded plan, twice in this order: so that each comes after the one that it came after before. */
function inOrder(plan: ReturnType<typeof planOf>, tokens: readonly string[]): void {
  const loaded = kernel.load(plan, keys);
  for (const token of [...tokens, ...tokens]) {
    for (const neighbour of NEIGHBOURS) expectSame(plan, `{"v":${token}}`, { loaded, neighbour });
  }
}

const STEPS = [1, 100, 0.01, 0.25, 3, 999_999_999, 1e17].map((multiple) => ({ multiple }));
const MODES = ["floor", "ceil", "half-even", "half-up"] as const;
const DIGITS = "98765432109";
const PLAIN = Array.from({ length: 10 }, (_, count) => DIGITS.slice(0, count + 1));
const NUMBERS = [
  ...PLAIN,
  ...PLAIN.flatMap((digits) => [1, 3, 7, 8].map((at) => `${digits.slice(0, at)}.${digits.slice(at)}`)),
  ...[
    "0",
    "0.0",
    "0.5",
    "00",
    "01",
    "01.5",
    "1.",
    ".5",
    "1.5.5",
    "1..5",
    "-1",
    "-0",
    "-0.5",
    "50",
    "150",
    "250",
  ],
  ...[
    "1e2",
    "1E2",
    "1.5e1",
    "1.5E-1",
    "1e",
    "12345678e0",
    "1.50",
    "0.00000001",
    "1.0000000",
    "99999950",
    "12 ",
    "1x",
  ],
];

describe("numbers that are rounded at once", () => {
  it.each(STEPS.flatMap(({ multiple }) => MODES.map((mode) => [multiple, mode] as const)))(
    "to %d, %s",
    (multiple, mode) => {
      inOrder(one({ action: "round", multiple, mode }), NUMBERS);
    },
  );

  it.each<ValueCheck>([
    { minimum: 0 },
    { minimum: -1 },
    { minimum: 1 },
    { exclusiveMinimum: 0 },
    { exclusiveMinimum: -1 },
    { maximum: 100 },
    { minimum: 0, maximum: 100 },
    { exclusiveMaximum: 50 },
    { multipleOf: 0.5 },
    { types: ["integer"] },
    { types: ["string"] },
    { enum: ["x"] },
  ])("where the schema demands %j", (check) => {
    inOrder(one({ action: "round", multiple: 100, mode: "half-even" }, check), NUMBERS);
  });

  it("whatever they are", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 9 });
    const number = fc.tuple(digits, fc.constantFrom("", ".", "e1"), fc.option(digits, { nil: "" }));
    const plan = one({ action: "round", multiple: 25, mode: "half-even" });
    const loaded = kernel.load(plan, keys);
    fc.assert(
      fc.property(number, (parts) => {
        expectSame(plan, `{"v":${parts.join("")}}`, { loaded });
      }),
    );
  });
});

describe("texts whose outcome is remembered", () => {
  it("are read where a condition looks at them", () => {
    const conditions = [{ module: "m", field: "/v", op: "equals", values: ["known"] }] as const;
    inOrder({ ...one({ action: "pseudonymize" }), conditions }, ['"known"', '"other"', '"known"', "1"]);
  });

  const LONG = "urn:bpn:BPNL0000";
  it("are known by all of their bytes, in the order in which they came before and in another", () => {
    const texts = [
      "a",
      "ab",
      "abc",
      "",
      `${LONG}1`,
      `${LONG}2`,
      `${LONG}`,
      "a\\u0062",
      "é",
      "x".repeat(46),
      "x".repeat(47),
    ];
    const tokens = texts.map((text) => `"${text}"`);
    const plan = one({ action: "pseudonymize" });
    inOrder(plan, tokens);
    inOrder(plan, [...tokens].reverse());
    inOrder(plan, [...tokens, "12", "123", "1", "null"]);
  });

  it("are those of their own rule", () => {
    const fields = {
      a: rule("/a", { action: { action: "pseudonymize" } }),
      b: rule("/b", { action: { action: "pseudonymize", length: 50 } }),
    };
    const plan = planOf(rule("", { own: undefined, members: fields }));
    const loaded = kernel.load(plan, keys);
    for (const text of ["x", "y", "x", "x", "y", "y"]) {
      expectSame(plan, `{"a":"${text}","b":"${text}"}`, { loaded });
      expectSame(plan, `{"b":"${text}","a":"${text}"}`, { loaded });
    }
  });

  it("are forgotten when their slot is another rule's, though that is for the same text", () => {
    const members = {
      a: rule("/a", { action: { action: "pseudonymize" } }),
      b: rule("/b", { elements: rule("/b/*", { action: { action: "pseudonymize", length: 50 } }) }),
    };
    const plan = planOf(rule("", { own: undefined, members }));
    const loaded = new Kernel(MODULE).load(plan, keys);
    expectSame(plan, '{"a":"x"}', { loaded });
    for (let at = 1; at < MEMO_SLOTS; at += 50) {
      const texts = Array.from({ length: Math.min(50, MEMO_SLOTS - at) }, (_, more) => `t${at + more}`);
      expect(loaded.project(Buffer.from(JSON.stringify({ b: texts })))).toMatchObject({ effect: "permit" });
    }
    expectSame(plan, '{"b":["x"]}', { loaded });
    expectSame(plan, '{"a":"x"}', { loaded });
  });

  it("end where they end, also where what follows is no JSON", () => {
    const plan = one({ action: "pseudonymize" });
    const loaded = kernel.load(plan, keys);
    expectSame(plan, '{"v":"known"}', { loaded });
    for (const text of ['{"v":"known', '{"v":"known"', '{"v":"known""}', '{"v":"known"x}', '{"v":"knowno"}'])
      expectSame(plan, text, { loaded });
  });
});

describe("dates that are remembered", () => {
  const DATES = [
    "2026-11-22",
    "2026-11-23",
    "2027-11-22",
    "2026-01-01",
    "2026-02-30",
    "2024-02-29",
    "2026-02-29",
    "0000-11-22",
    "2026-11-2",
  ];
  it.each(["year", "quarter", "month", "iso-week", "day"] as const)("under their unit: %s", (to) => {
    const tokens = [
      ...DATES.map((date) => `"${date}"`),
      '"2026-11-22T10:11:12Z"',
      '"2026-11-22x"',
      '"2026-11-22\\n"',
    ];
    inOrder(one({ action: "truncate-date", to }, { format: "date" }), tokens);
    inOrder(one({ action: "truncate-date", to }), tokens);
  });
});

it("dates that are remembered are known by all of their digits", () => {
  const plan = one({ action: "truncate-date", to: "iso-week" }, { format: "date" });
  const loaded = kernel.load(plan, keys);
  for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2027, 0, 1); day += 86_400_000)
    expectSame(plan, `{"v":"${new Date(day).toISOString().slice(0, 10)}"}`, { loaded });
});

it("dates that are remembered are not taken for others that would lie in the same row", () => {
  // Their bytes 4 to 11 are mixed to the same number.
  const COLLIDING = ["2026-11-23", "2026-11-%b", "2026-11--6", "2026-11-70", "2026-11-23"];
  const tokens = COLLIDING.map((text) => `"${text}"`);
  inOrder(one({ action: "truncate-date", to: "iso-week" }, { format: "date" }), tokens);
});

describe("names that are expected", () => {
  const plan = planOf(
    rule("", {
      own: undefined,
      members: {
        name: rule("/name", { action: { action: "share" } }),
        n: rule("/n", { action: { action: "drop" } }),
      },
    }),
  );
  it.each([
    '{"name" :"a","n":"b"}',
    '{"name": "a","n" : "b"}',
    '{"name""a"}',
    '{"name";"a"}',
    '{"nam":"a","namee":"b"}',
    '{"other" :"a","name":"b"}',
    '{"other":"a","other":"b"}',
    '{"name":"a","name":"b"}',
    '{"n":1,"name":"a","n":"b"}',
    '{"name":{"n":"x"},"n":["x"]}',
    `{"${"o".repeat(30)}":"a","${"o".repeat(31)}":"b","${"o".repeat(30)}" :"c"}`,
  ])("stand with their colon: %s", (text) => {
    const loaded = kernel.load(plan, keys);
    expectSame(plan, '{"name":"a","other":"x","n":"b"}', { loaded });
    expectSame(plan, text, { loaded });
    expectSame(plan, text, { loaded });
  });
});

describe("what is plain", () => {
  const TOKENS = ['"text"', "1", "null", "true", '{"a":"x"}', '["x"]', "[]", "{}"];
  const inside = rule("/v", { members: { a: rule("/v/a", { action: { action: "share" } }) } });
  const list = rule("/v", { elements: rule("/v/*", { action: { action: "share" } }) });
  it.each<[string, Parameters<typeof rule>[1]]>([
    ["an object", inside],
    ["a list", list],
    ["an object that must be one", { ...inside, check: { types: ["object"] } }],
    ["an object that is no object", { ...inside, check: { types: ["string"] } }],
    ["a list that is too long", { ...list, check: { maxItems: 0 } }],
    ["an operation that the kernel has not", { action: { action: "coarsen-geo", decimals: 40 } }],
    ["a text that is too long", { action: { action: "share" }, check: { maxLength: 3 } }],
    ["a text that is dropped, but must be a date", { action: { action: "drop" }, check: { format: "date" } }],
    ["a text where none may stand", { action: { action: "drop" }, check: { types: ["number"] } }],
    [
      "a text that is shared where none may stand",
      { action: { action: "share" }, check: { types: ["number"] } },
    ],
    ["a text that is put in the place of another", { action: { action: "constant", value: "c" } }],
  ])("is only that: %s", (_, changed) => {
    const plan = planOf(
      rule("", {
        own: undefined,
        members: { v: rule("/v", changed), w: rule("/w", { action: { action: "share" } }) },
      }),
    );
    const loaded = kernel.load(plan, keys);
    for (const token of [...TOKENS, ...TOKENS])
      expectSame(plan, `{"w":"w","v":${token},"w2":"x"}`, { loaded });
    expect(loaded.takesRuns).toBe(true);
  });
});
