import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { ACTION_SCHEMA, actionFrom, FIELD_ACTION_SCHEMA } from "../../src/kernel/action-settings.ts";
import type { Json } from "../../src/kernel/json.ts";

const ajv = new Ajv2020({ discriminator: true, strict: false });
const inBundles = ajv.compile(ACTION_SCHEMA);
const inAgreements = ajv.compile(FIELD_ACTION_SCHEMA);

test.each<[Json, boolean]>([
  [{ action: "round", multiple: 100, mode: "half-even" }, true],
  [{ action: "round", multiple: 0, mode: "half-even" }, false],
  [{ action: "round", multiple: 100 }, false],
  [{ action: "band", edges: [] }, false],
  [{ action: "truncate-date", to: "iso-week" }, true],
  [{ action: "truncate-date", to: "fortnight" }, false],
  [{ action: "mask", keepFirst: 1, keepLast: 0, with: "*" }, true],
  [{ action: "mask", keepFirst: 1, keepLast: 0, with: "**" }, false],
  [{ action: "pseudonymize", length: 44 }, false],
  [{ action: "pseudonymize" }, true],
  [{ action: "drop", more: 1 }, false],
  [{ action: "constructor" }, false],
])("the schemas of both files and the reader say the same of %j", (action, sound) => {
  expect([inBundles(action), inAgreements(action), actionFrom(action) !== undefined]).toEqual([
    sound,
    sound,
    sound,
  ]);
});

test("a bare name stands for an action without parameters in a bundle, and only there", () => {
  expect([inBundles("drop"), inAgreements("drop"), actionFrom("drop")]).toEqual([
    true,
    false,
    { action: "drop" },
  ]);
  expect([inBundles("round"), actionFrom("round")]).toEqual([false, undefined]);
});
