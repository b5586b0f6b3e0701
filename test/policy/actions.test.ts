import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { FieldAction } from "../../src/kernel/action.ts";
import {
  AURORA,
  contract,
  decide,
  HELIX,
  keys,
  left,
  NOW,
  outcome,
  partner,
  permitted,
  text,
} from "./sample.ts";

type Case = readonly [value: string, outcome: string | undefined];

const round = (
  multiple: number,
  mode: "half-even" | "half-up" | "floor" | "ceil" = "half-even",
): FieldAction => ({
  action: "round",
  multiple,
  mode,
});
const date = (to: "year" | "quarter" | "month" | "iso-week" | "day" | "hour" | "minute"): FieldAction => ({
  action: "truncate-date",
  to,
});
const mask = (keepFirst: number, keepLast: number, filler = "*"): FieldAction => ({
  action: "mask",
  keepFirst,
  keepLast,
  with: filler,
});

const TABLE: readonly (readonly [action: FieldAction, cases: readonly Case[]])[] = [
  [
    { action: "share" },
    [
      ["1E+3", "1E+3"],
      ["-0.0", "-0.0"],
      ['"\\u0041\\/"', '"\\u0041\\/"'],
      ["null", "null"],
      ["true", "true"],
      ["1e400", "1e400"],
    ],
  ],
  [
    round(100),
    [
      ["1234", "1200"],
      ["1250", "1200"],
      ["1350", "1400"],
      ["50", "0"],
      ["-50", "0"],
      ["150", "200"],
      ["-150", "-200"],
      ["1.5e3", "1500"],
      ["1E+3", "1000"],
      ["49.999999999999999999999999", "0"],
      ["50.0000000000000000000000001", "100"],
      ["0e99999999999", "0"],
      ['"1234"', undefined],
      ["true", undefined],
      ["null", undefined],
      ["[1]", undefined],
      ["1e400", undefined],
      ["1e99999999999999999999", undefined],
      [`1${"0".repeat(400)}`, undefined],
      [`0.${"0".repeat(400)}1`, undefined],
    ],
  ],
  [
    round(0.05),
    [
      ["1.12", "1.1"],
      ["1.13", "1.15"],
      ["0.30000000000000004", "0.3"],
      ["9007199254740993.07", "9007199254740993.05"],
    ],
  ],
  [
    round(10, "half-up"),
    [
      ["5", "10"],
      ["-5", "-10"],
      ["4.99", "0"],
      ["-4.99", "0"],
      ["15", "20"],
      ["-15", "-20"],
    ],
  ],
  [
    round(10, "floor"),
    [
      ["9", "0"],
      ["-1", "-10"],
      ["-10", "-10"],
    ],
  ],
  [
    round(10, "ceil"),
    [
      ["1", "10"],
      ["-9", "0"],
      ["10", "10"],
    ],
  ],
  [round(0), [["1", undefined]]],
  [
    { action: "band", edges: [0, 100, 1000.5] },
    [
      ["99.9", "0"],
      ["100", "100"],
      ["1e9", "1000.5"],
      ["-0.1", "null"],
      ['"1"', undefined],
    ],
  ],
  [{ action: "band", edges: [100, 0, 10] }, [["50", "10"]]],
  [
    date("iso-week"),
    [
      ['"2026-11-22"', '"2026-11-16"'],
      ['"2026-11-23"', '"2026-11-23"'],
      ['"2021-01-01"', '"2020-12-28"'],
      ['"2024-03-01"', '"2024-02-26"'],
      ['"2026-11-22T23:30:00+02:00"', '"2026-11-16T00:00:00+02:00"'],
      ['"0001-01-02"', '"0001-01-01"'],
      ['"0000-01-01"', undefined],
    ],
  ],
  [date("year"), [['"2026-11-22T10:11:12.345Z"', '"2026-01-01T00:00:00.000Z"']]],
  [
    date("quarter"),
    [
      ['"2026-11-22"', '"2026-10-01"'],
      ['"2026-03-31"', '"2026-01-01"'],
    ],
  ],
  [date("month"), [['"2024-02-29"', '"2024-02-01"']]],
  [
    date("day"),
    [
      ['"2026-11-22t10:11:12z"', '"2026-11-22t00:00:00z"'],
      ['"2026-11-22"', '"2026-11-22"'],
      ['"2026-02-29"', undefined],
      ['"2026-13-01"', undefined],
      ['"2026-11-22T24:00:00Z"', undefined],
      ['"2026-11-22 10:00:00Z"', undefined],
      ['"22.11.2026"', undefined],
      ['"2026-11-22T10:00:00+24:00"', undefined],
      ['"2026-11-22\\n"', undefined],
      ["20261122", undefined],
    ],
  ],
  [
    date("hour"),
    [
      ['"2026-11-22T10:59:60+05:30"', '"2026-11-22T10:00:00+05:30"'],
      ['"2026-11-22T10:59"', '"2026-11-22T10:00"'],
      ['"2026-11-22"', '"2026-11-22"'],
    ],
  ],
  [date("minute"), [['"2026-11-22T10:59:58.1"', '"2026-11-22T10:59:00.0"']]],
  [
    { action: "coarsen-geo", decimals: 1 },
    [
      ["48.13743", "48.1"],
      ["-0.04", "0"],
      ["11.25", "11.2"],
      ["11.35", "11.4"],
      ['"48.1"', undefined],
    ],
  ],
  [{ action: "coarsen-geo", decimals: 0 }, [["48.5", "48"]]],
  [{ action: "coarsen-geo", decimals: -1 }, [["48.5", undefined]]],
  [
    { action: "prefix", length: 2 },
    [
      ['"😀äx"', '"😀ä"'],
      ['"ab"', '"ab"'],
      ['"a"', "null"],
      ['""', "null"],
      ["12", undefined],
    ],
  ],
  [
    mask(2, 1),
    [
      ['"abcdef"', '"ab***f"'],
      ['"abcde"', '"*****"'],
      ['"ab"', '"**"'],
      ['""', '""'],
      ['"😀😀😀😀😀😀"', '"😀😀***😀"'],
      ["1", undefined],
    ],
  ],
  [mask(0, 0, "•"), [['"abc"', '"•••"']]],
  [mask(0, 0, "xx"), [['"abc"', undefined]]],
  [{ action: "encrypt", keyRole: "quality" }, [['"abc"', undefined]]],
  [
    { action: "constant", value: { a: [1, "x"] } },
    [
      ['"secret"', '{"a":[1,"x"]}'],
      ["[1]", '{"a":[1,"x"]}'],
    ],
  ],
  [
    { action: "null" },
    [
      ["17", "null"],
      ['{"a":1}', "null"],
    ],
  ],
  [{ action: "drop" }, [["17", undefined]]],
];

const ROWS = TABLE.flatMap(([action, cases]) =>
  cases.map(([value, expected]) => ({ name: JSON.stringify(action), action, value, expected })),
);

describe("an action", () => {
  it.each(ROWS)("$name makes $expected of $value", ({ action, value, expected }) => {
    expect(outcome(action, value)).toBe(expected);
  });

  it("that does not take the type drops the field, and the decision says so", () => {
    const verdict = permitted(decide(contract({ v: { action: round(10) } }), `{"v":"12"}`));
    expect(verdict.fields).toEqual([{ pointer: "/v", action: "drop", by: "type", count: 1 }]);
  });

  it("encrypt drops the field where the partner has no key, and the decision says so", () => {
    const verdict = permitted(
      decide(contract({ v: text({ action: "encrypt", keyRole: "q" }) }), { v: "secret" }),
    );
    expect(verdict.fields).toEqual([{ pointer: "/v", action: "drop", by: "encrypt", count: 1 }]);
    expect(left(verdict)).toBe("{}");
  });

  it("encrypts any value with its place in the contract and the event, for the partner's key", () => {
    const enc = { kid: "k1", use: "enc", jwk: { kty: "OKP", crv: "X25519", x: "AA" } } as const;
    const subject = contract({ v: { action: { action: "encrypt", keyRole: "q" }, types: ["object"] } });
    const verdict = decide(subject, '{"v":{"a": 1e2}}', {
      plan: { partner: partner({ card: { ...partner().card, keys: [enc] } }) },
    });
    expect(left(verdict)).toBe(
      `{"v":${JSON.stringify(`sealed {"a":1e2} 8f5d1c2a sha-256:c0 /v made-id q k1 ${NOW} 0 7`)}}`,
    );
  });

  it("shares a container whole only where the schema says that a container stands there", () => {
    expect(outcome({ action: "share" }, '{"hidden":1}')).toBeUndefined();
    expect(outcome({ action: "share" }, '{"hidden":1}', ["object"])).toBe('{"hidden":1}');
    expect(outcome({ action: "share" }, "[1,[2]]", ["array"])).toBe("[1,[2]]");
  });
});

describe("pseudonymize", () => {
  const pseudonymOf = (value: string, domain: string, length = 22) =>
    createHmac("sha256", keys.pseudonyms.key(HELIX, domain))
      .update(value)
      .digest("base64url")
      .slice(0, length);

  it("is HMAC-SHA-256 in base64url over the decoded characters, by default of the domain that is the path", () => {
    expect(outcome({ action: "pseudonymize" }, '"\\u00e4b"')).toBe(`"${pseudonymOf("äb", "/v")}"`);
    expect(outcome({ action: "pseudonymize", domain: "d", length: 8 }, '"x"')).toBe(
      `"${pseudonymOf("x", "d", 8)}"`,
    );
  });

  it("gives one pseudonym to one number, however it is written", () => {
    const spellings = ["100", "1e2", "100.00", "1.0E+2"].map((each) =>
      outcome({ action: "pseudonymize" }, each),
    );
    expect(new Set(spellings)).toEqual(new Set([`"${pseudonymOf("100", "/v")}"`]));
  });

  it("takes no truth value, null, array or number beyond arithmetic", () => {
    const values = ["true", "null", "[1]", "{}", "1e400"];
    expect(values.map((each) => outcome({ action: "pseudonymize" }, each))).toEqual(
      values.map(() => undefined),
    );
  });

  it("gives two partners two pseudonyms of one value", () => {
    const subject = contract({ v: text({ action: "pseudonymize", domain: "d" }) });
    const other = partner({ card: { ...partner().card, id: AURORA } });
    const [one, two] = [
      left(decide(subject, { v: "x" })),
      left(decide(subject, { v: "x" }, { plan: { partner: other, agreement: undefined } })),
    ];
    expect(one).not.toBe(two);
  });
});
