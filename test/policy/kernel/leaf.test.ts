import { describe, expect, it } from "vitest";
import type { DateUnit, FieldAction, RoundingMode } from "../../../src/kernel/action.ts";
import type { ValueCheck } from "../../../src/kernel/contract.ts";
import { keys } from "../sample.ts";
import { expectSame, kernel, planOf, rule } from "./differential.ts";

const TEXTS = [
  ...[
    '""',
    '"x"',
    '"Anna"',
    '"é"',
    '"日本語"',
    '"😀 ok"',
    '"a\\"b"',
    '"\\ud83d\\ude00"',
    '"\\u0041nna"',
    '"\\n"',
    '"/"',
  ],
  ...[
    '"2026-11-22"',
    '"2026-02-29"',
    '"2024-02-29"',
    '"1900-02-29"',
    '"2000-02-29"',
    '"2026-11-31"',
    '"2026-13-01"',
    '"0000-01-01"',
  ],
  ...[
    '"0001-01-01"',
    '"0001-01-03"',
    '"9999-12-31"',
    '"2027-01-01"',
    '"2026-11-2"',
    '"2026-11-222"',
    '"2026/11/22"',
    '"２026-11-22"',
  ],
  ...[
    '"2026-11-22T10:11:12Z"',
    '"2026-11-22t10:11:12z"',
    '"2026-11-22T10:11:12.5+05:30"',
    '"2026-11-22T10:11:12.123456789-00:00"',
  ],
  ...[
    '"2026-11-22T24:00:00Z"',
    '"2026-11-22T23:59:60Z"',
    '"2026-11-22T10:60:00Z"',
    '"2026-11-22T10:11"',
    '"2026-11-22T10:11:12"',
  ],
  ...[
    '"2026-11-22T10:11:12.Z"',
    '"2026-11-22T10:11:12+24:00"',
    '"2026-11-22T10:11:12+0100"',
    '"2026-11-22 10:11:12Z"',
    '"2026-11-22T1a:11:12Z"',
  ],
  ...[
    '"0157ba42-d2a8-4e28-8565-00000000000A"',
    '"0157ba42-d2a8-4e28-8565-00000000000g"',
    '"0157ba42_d2a8-4e28-8565-00000000000a"',
  ],
  ...['"anna@example.com"', '"urn:x:1"', `"${"x".repeat(60)}"`, `"${"é".repeat(40)}"`],
];
const NUMBERS = [
  ...[
    "0",
    "-0",
    "0.0",
    "-0.00",
    "1",
    "-1",
    "9",
    "10",
    "11",
    "99",
    "100",
    "-5",
    "-15",
    "-25",
    "5",
    "15",
    "25",
    "35",
    "149.5",
    "150",
    "150.0",
  ],
  ...[
    "0.5",
    "-0.5",
    "1.5",
    "-1.5",
    "2.5",
    "2.50",
    "0.05",
    "0.125",
    "-0.125",
    "0.049",
    "99.95",
    "-1234.5",
    "1e3",
    "1E+3",
    "5e-1",
    "0e9",
    "1e400",
  ],
  ...[
    "4294967295",
    "4294967296",
    "123456789012345678",
    "1234567890123456789",
    "0.000000000000000001",
    "999999999999999999",
    "1.000000000000000000",
  ],
];
const OTHERS = ["null", "true", "false", "[]", "{}", "[1]", '[1, "x", null]', '{"a" : 1}', '["2026-11-22"]'];
const TOKENS = [...TEXTS, ...NUMBERS, ...OTHERS];

const CHECKS: readonly ValueCheck[] = [
  ...[
    ["string"],
    ["number"],
    ["integer"],
    ["null"],
    ["boolean", "integer"],
    ["object"],
    ["array", "null"],
    [],
  ].map((types) => ({ types: types as NonNullable<ValueCheck["types"]> })),
  ...[0, 1, -1, 0.5, 10, 99.95, -1234.5, 1e17, 1e-7, 1e300].flatMap((bound): readonly ValueCheck[] => [
    { minimum: bound },
    { maximum: bound },
    { exclusiveMinimum: bound },
    { exclusiveMaximum: bound },
    { multipleOf: bound },
  ]),
  ...[0, 1, 2.5, 4, 40].flatMap((length): readonly ValueCheck[] => [
    { minLength: length },
    { maxLength: length },
  ]),
  ...[0, 1, 2].flatMap((items): readonly ValueCheck[] => [{ minItems: items }, { maxItems: items }]),
  ...["date", "date-time", "uuid", "email", "uri", "hostname"].map((format) => ({ format })),
  ...[
    "^[A-Z]",
    "[",
    "^.{1,4}$",
    "^$",
    "^[A-Z](?:[a-z]{2})\\w?$",
    "^[^a-z]*$",
    "^\\d{4}-\\d{2}-\\d{2}$",
    "^x+$",
  ].map((pattern) => ({
    pattern,
  })),
  { types: ["string", "null"], pattern: "^[A-Za-z]{1,20}$", maxLength: 4 },
  { pattern: "^\\d{4}-\\d{2}-\\d{2}$", format: "date" },
  { enum: ["x", "Anna", "é", 'a"b'] },
  { enum: [1, "x", null, [1]] },
  { enum: [] },
  { types: ["string"], minLength: 2, maxLength: 10, format: "date" },
];

const ACTIONS: readonly FieldAction[] = [
  ...(["floor", "ceil", "half-even", "half-up"] satisfies RoundingMode[]).flatMap((mode) =>
    [1, 10, 0.1, 3, 0.05, 7.25, 1e15, 1e-7, 0, 1e300].map(
      (multiple): FieldAction => ({ action: "round", multiple, mode }),
    ),
  ),
  ...(["year", "quarter", "month", "iso-week", "day", "hour", "minute"] satisfies DateUnit[]).map(
    (to): FieldAction => ({ action: "truncate-date", to }),
  ),
  ...[0, 1, 2, 4, 10].map((length): FieldAction => ({ action: "prefix", length })),
  ...[0, 1, 2, 15, 16, 40].map((decimals): FieldAction => ({ action: "coarsen-geo", decimals })),
  ...[undefined, 1, 43, 50].map(
    (length): FieldAction => ({ action: "pseudonymize", ...(length === undefined ? {} : { length }) }),
  ),
  ...[1, 3, 4, 60].map((shortest): FieldAction => ({ action: "prefix", length: 2, shortest })),
  { action: "mask", keepFirst: 1, keepLast: 1, with: "x", shortest: 5 },
  { action: "share" },
  { action: "null" },
  { action: "drop" },
  { action: "constant", value: "é\n" },
  { action: "mask", keepFirst: 1, keepLast: 1, with: "é" },
  { action: "band", edges: [0, 10] },
  { action: "encrypt", keyRole: "quality" },
];

/** Every token under one rule, twice, so that the second time is the memory's. */
function everyToken(action: FieldAction, check: ValueCheck, own = action.action): void {
  const plan = planOf(rule("", { own: undefined, members: { v: rule("/v", { action, own, check }) } }));
  const loaded = kernel.load(plan, keys);
  for (const token of [...TOKENS, ...TOKENS]) expectSame(plan, `{"v":${token}}`, { loaded, neighbour: "0" });
}

describe("a leaf is ruled by the kernel as by the reference implementation", () => {
  it.each(CHECKS.map((check) => [JSON.stringify(check), check] as const))(
    "where it is shared under %s",
    (_, check) => {
      everyToken({ action: "share" }, check);
    },
  );

  it.each(CHECKS.map((check) => [JSON.stringify(check), check] as const))(
    "where it was taken away under %s",
    (_, check) => {
      everyToken({ action: "null" }, check, "share");
    },
  );

  it.each(ACTIONS.map((action) => [JSON.stringify(action), action] as const))(
    "where its rule is %s",
    (_, action) => {
      everyToken(action, {});
    },
  );

  it("and mostly by itself", () => {
    const plan = planOf(
      rule("", { own: undefined, members: { v: rule("/v", { action: { action: "share" } }) } }),
    );
    for (const token of [...TEXTS, ...NUMBERS, ...OTHERS.slice(0, 3)]) {
      expect(expectSame(plan, `{"v":${token}}`)).toMatchObject({
        effect: "permit",
        bytes: Buffer.from(`{"v":${token}}`),
      });
    }
  });
});
