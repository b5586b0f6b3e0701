import fc from "fast-check";
import type { PlanNode } from "../../../src/kernel/plan.ts";
import { NAMES } from "./arbitrary.ts";

/** Tokens as people and programs write them, in every spelling that JSON has. */
const anyScalar = fc.oneof(
  fc.constantFrom(
    ...[
      '"x"',
      '"Anna"',
      '"anna@example.com"',
      '"é"',
      '"日本語"',
      '"😀 ok"',
      '""',
      '"a\\"b"',
      '"\\ud83d\\ude00"',
      '"\\u0041nna"',
    ],
  ),
  fc.constantFrom(
    ...[
      '"2026-11-22"',
      '"2026-02-29"',
      '"2024-02-29"',
      '"2026-11-22T10:11:12Z"',
      '"2026-11-22t10:11:12.123456+05:30"',
    ],
  ),
  fc.constantFrom(
    ...[
      '"2026-11-22T24:00:00Z"',
      '"2026-01-01"',
      '"2027-01-01T00:00:60z"',
      '"2026-11-22T10:11"',
      '"0000-01-01"',
      '"0001-01-03"',
    ],
  ),
  fc.constantFrom(
    ...['"0157ba42-d2a8-4e28-8565-00000000000A"', '"0157ba42-d2a8-4e28-8565-00000000000g"', '"urn:x:1"'],
  ),
  fc.constantFrom(
    ...[
      "null",
      "true",
      "false",
      "0",
      "-0",
      "-0.0",
      "1e3",
      "1E+3",
      "0.5",
      "2.50",
      "-2.5",
      "12.345",
      "1.0",
      "1e400",
    ],
  ),
  fc.constantFrom(
    ...[
      "123456789012345678",
      "1234567890123456789",
      "0.000000000000000001",
      "-99.95",
      "99999.99500",
      "0e0",
      "5e-1",
    ],
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((date) => JSON.stringify(date)),
  fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => JSON.stringify(text)),
);

const anySpace = fc.constantFrom("", "", "", " ", "\n\t ");

function documentOf(depth: number): fc.Arbitrary<string> {
  if (depth === 0) return anyScalar;
  const item = documentOf(depth - 1);
  return fc.oneof(
    { weight: 2, arbitrary: anyScalar },
    fc
      .tuple(fc.array(item, { maxLength: 3 }), anySpace)
      .map(([items, space]) => `[${space}${items.join(`${space},`)}${space}]`),
    membersOf(fc.constantFrom(...NAMES, "unlisted", "x"), item),
  );
}

function membersOf(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const members = fc.uniqueArray(fc.tuple(name, value), { maxLength: 5, selector: ([each]) => each });
  return fc
    .tuple(members, anySpace)
    .map(
      ([each, space]) =>
        `{${each.map(([key, item]) => `${space}${JSON.stringify(key)}${space}:${item}`).join(",")}${space}}`,
    );
}

/** Documents whose shape follows the plan, mostly. */
export function documentFor(node: PlanNode): fc.Arbitrary<string> {
  const fits = fitting(node);
  return fc.oneof({ weight: 9, arbitrary: fits }, { weight: 1, arbitrary: documentOf(2) });
}

function fitting(node: PlanNode): fc.Arbitrary<string> {
  const names = Object.keys(node.members);
  const isLeaf = names.length === 0 && node.elements === undefined;
  if (isLeaf)
    return node.check.types?.includes("object") || node.check.types?.includes("array")
      ? documentOf(2)
      : anyScalar;
  if (names.length === 0 && node.elements !== undefined)
    return fc.array(documentFor(node.elements), { maxLength: 3 }).map((items) => `[${items.join(",")}]`);
  const required = node.check.required ?? [];
  const members = Object.entries(node.members).map(([name, child]) =>
    fc.tuple(
      name === "*" ? fc.constantFrom("*", "x", "anna") : fc.constant(name),
      documentFor(child),
      fc.nat(9).map((n) => required.includes(name) || n > 2),
    ),
  );
  return fc
    .tuple(fc.tuple(...members), fc.option(anyScalar, { nil: undefined }), anySpace)
    .map(([each, unlisted, space]) => {
      const entries = new Map(each.filter(([, , has]) => has).map(([name, text]) => [name, text]));
      if (unlisted !== undefined) entries.set("unlisted", unlisted);
      for (const name of required) if (!entries.has(name)) entries.set(name, '"x"');
      return `{${[...entries].map(([name, text]) => `${JSON.stringify(name)}:${space}${text}`).join(`${space},`)}}`;
    });
}

/** What breaks JSON, or nearly does. */
const PIECES = [
  '"',
  "\\",
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  "\0",
  "\x1f",
  "\\ud800",
  "\\udc00",
  "0",
  "-",
  "e",
  ".",
  "true",
  " ",
  '"a":1,',
  "é",
].map((text) => Buffer.from(text));
const BAD_BYTES = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xe2, 0x82],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
].map((bytes) => Buffer.from(bytes));

/** One wound: cut, insert, overwrite, or repeat. */
export const anyWound: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc
  .tuple(
    fc.nat(),
    fc.nat(),
    fc.constantFrom(...PIECES, ...BAD_BYTES),
    fc.constantFrom("cut", "insert", "overwrite", "repeat", "end"),
  )
  .map(([one, other, piece, kind]) => (bytes: Buffer) => {
    const from = bytes.length === 0 ? 0 : one % bytes.length;
    const to = Math.min(bytes.length, from + 1 + (other % 8));
    const [head, part, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
    if (kind === "cut") return Buffer.concat([head, tail]);
    if (kind === "insert") return Buffer.concat([head, piece, part, tail]);
    if (kind === "overwrite") return Buffer.concat([head, piece, tail]);
    return kind === "repeat" ? Buffer.concat([head, part, part, tail]) : head;
  });
