import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keys } from "../sample.ts";
import { expectSame, kernel, NEIGHBOURS, planOf, rule } from "./differential.ts";

const share = { action: "share" } as const;
const LONG = "a-name-of-more-than-sixteen-bytes";
const LONGER = `${LONG}-and-more-than-thirty-two`;
/** Some begin like others, some are too long for a vector, one holds what is no ASCII. */
const NAMES = [
  "a",
  "ab",
  "abc",
  "abcdefghijklmnop",
  "abcdefghijklmnopq",
  LONG,
  LONGER,
  "ä",
  "b",
  "",
] as const;
const LISTED = ["a", "abc", "abcdefghijklmnopq", LONG, "ä"] as const;

/** Lists some of the names, in an object and in the objects of an array. */
const listing = (path: string) =>
  rule(path, {
    check: { types: ["object"], required: ["a"] },
    members: Object.fromEntries(
      LISTED.map((name) => [name, rule(`${path}/${name}`, { action: share, check: { types: ["string"] } })]),
    ),
  });
const plan = planOf(
  rule("", {
    check: { types: ["object"] },
    members: {
      o: listing("/o"),
      l: rule("/l", { check: { types: ["array"] }, elements: listing("/l/*") }),
    },
  }),
);

/** Members in any order, now and then one twice. */
const anyMembers = fc
  .array(fc.constantFrom(...NAMES), { maxLength: 8 })
  .chain((names) => fc.tuple(fc.constant(names), fc.boolean()))
  .map(([names, isStrict]) => {
    const chosen = isStrict ? [...new Set(["a", ...names])] : names;
    return `{${chosen.map((name, at) => `${JSON.stringify(name)}:"v${at}"`).join(",")}}`;
  });
const anyDocument = fc
  .tuple(anyMembers, fc.array(anyMembers, { maxLength: 3 }))
  .map(([members, items]) => Buffer.from(`{"o":${members},"l":[${items.join(",")}]}`));

/** As it is, or cut off somewhere: also inside of a name that was expected. */
const anyBytes = fc
  .tuple(anyDocument, fc.option(fc.nat({ max: 200 }), { freq: 3 }))
  .map(([bytes, cut]) => (cut === null ? bytes : bytes.subarray(0, Math.min(cut, bytes.length))));

describe("members in another order than in the record before", () => {
  it("change nothing of what the kernel says, record after record under one plan", () => {
    let permitted = 0;
    fc.assert(
      fc.property(
        fc.array(anyBytes, { minLength: 2, maxLength: 12 }),
        fc.constantFrom(...NEIGHBOURS),
        (records, neighbour) => {
          const loaded = kernel.load(plan, keys);
          for (const record of records) {
            expectSame(plan, record, { loaded, neighbour });
            if (loaded.project(record).effect === "permit") permitted++;
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(permitted).toBeGreaterThan(200);
  });

  it("stay known by what they are when there is no room to expect more", () => {
    const loaded = kernel.load(plan, keys);
    for (let at = 0; at < 6000; at++) {
      const record = `{"o":{"x${at}":"1","a":"2","x${at + 1}":"3","abc":"4"},"l":[]}`;
      const verdict = loaded.project(Buffer.from(record));
      expect(verdict.effect === "permit" && String(verdict.bytes)).toBe('{"o":{"a":"2","abc":"4"},"l":[]}');
    }
  });
});
