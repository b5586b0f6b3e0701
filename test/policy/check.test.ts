import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ValueCheck } from "../../src/kernel/contract.ts";
import { toNode } from "../../src/kernel/strict-json.ts";
import { keepsCheck } from "../../src/policy/check.ts";
import { node } from "./sample.ts";

const TABLE: readonly (readonly [check: ValueCheck, keep: readonly string[], fail: readonly string[]])[] = [
  [{}, ["1", "null", "{}"], []],
  [{ types: ["integer"] }, ["1", "1.0", "1e400", "-0"], ["1.5", '"1"', "null"]],
  [{ types: ["number", "null"] }, ["1.5", "null"], ["true", '"x"']],
  [{ types: ["boolean"] }, ["true", "false"], ["null", "0"]],
  [{ types: ["object"] }, ["{}"], ["[]", "null"]],
  [
    { enum: [1, "a", null, { x: [1] }] },
    ["1.0", "1e0", '"\\u0061"', "null", '{"x":[1.0]}'],
    ["2", '"b"', "false", '{"x":[1],"y":1}', '{"x":[1,2]}'],
  ],
  [
    { minimum: 0.1, maximum: 0.3 },
    ["0.1", "0.30", '"text"'],
    ["0.09999999999999999999", "0.30000000000000000001", "1e400"],
  ],
  [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, ["0.5"], ["0", "1", "-0.0"]],
  [{ multipleOf: 0.01 }, ["0.07", "19.99", "-1e3"], ["0.075", "1e-64"]],
  [{ multipleOf: 0 }, [], ["1"]],
  [{ minLength: 2, maxLength: 3 }, ['"😀😀"', '"abc"', "1"], ['"😀"', '"abcd"', '""']],
  [{ pattern: "^BPNL[0-9A-Z]{12}$" }, ['"BPNL00000003AYRE"'], ['"bpnl"', '"xBPNL00000003AYRE"']],
  [{ pattern: "^\\p{L}+$" }, ['"äö"'], ['"1"']],
  [{ pattern: "(" }, ["1"], ['"anything"']],
  [{ pattern: "^(?=a)" }, ["1"], ['"a"']],
  [{ pattern: "^(a+)+$" }, ['"aaa"'], [`"${"a".repeat(10_000)}!"`]],
  [{ minItems: 1, maxItems: 2 }, ["[1]", "[1,2]", '"x"'], ["[]", "[1,2,3]"]],
  [{ format: "date" }, ['"2024-02-29"'], ['"2023-02-29"', '"2024-02-29T00:00:00Z"']],
  [{ format: "date-time" }, ['"2024-02-29T00:00:00Z"'], ['"2024-02-29"', '"2024-02-29T00:00:00"']],
  [
    { format: "uuid" },
    ['"8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10"'],
    ['"8f5d1c2a3b1e4f579c520a5a7a4f1f10"', '"urn:uuid:8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10"'],
  ],
  [
    { format: "email" },
    ['"a.b+c@example.com"'],
    ['"a@"', '"@example.com"', '"a b@example.com"', '"a@-x.com"', '"a..b@example.com"', '"a@b@c.com,"'],
  ],
  [
    { format: "uri" },
    ['"https://example.com/a?b#c"', '"urn:bpn:BPNL00000003AYRE"'],
    ['"/relative"', '"http://a b"', '"://x"', '"a:%zz"'],
  ],
  [{ format: "unheard-of" }, ['"anything"'], []],
];

describe("a check", () => {
  it.each(
    TABLE.flatMap(([check, keep, fail]) => [
      ...keep.map((value) => ({ check: JSON.stringify(check), of: check, value, keeps: true })),
      ...fail.map((value) => ({ check: JSON.stringify(check), of: check, value, keeps: false })),
    ]),
  )("$check is kept by $value: $keeps", ({ of, value, keeps }) => {
    expect(keepsCheck(node(value), of)).toBe(keeps);
  });

  it("is kept by the values by which a JSON Schema validator says that the schema is kept", () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const anyCheck = fc.record(
      {
        enum: fc.subarray([1, "a", null, true, "2024-01-01"], { minLength: 1 }),
        minimum: fc.integer({ min: -3, max: 3 }),
        exclusiveMaximum: fc.integer({ min: -3, max: 3 }),
        multipleOf: fc.constantFrom(1, 2, 0.5),
        minLength: fc.nat({ max: 3 }),
        maxLength: fc.nat({ max: 3 }),
        minItems: fc.nat({ max: 2 }),
        format: fc.constantFrom("date", "uuid", "date-time"),
      },
      { requiredKeys: [] },
    );
    const value = fc.oneof(
      fc.constantFrom("a", "2024-01-01", "😀", "", null, true),
      fc.integer({ min: -4, max: 4 }),
      fc.constantFrom(0.5, 1.25),
      fc.array(fc.constant(1), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(
        anyCheck,
        fc.subarray(["string", "integer", "number", "null", "array"] as const),
        value,
        (check, types, given) => {
          const own: ValueCheck = types.length === 0 ? check : { ...check, types };
          const { types: type, ...rest } = own;
          const schema = type === undefined ? rest : { ...rest, type };
          expect(keepsCheck(toNode(given), own)).toBe(ajv.validate(schema, given));
        },
      ),
      { numRuns: 300 },
    );
  });
});
