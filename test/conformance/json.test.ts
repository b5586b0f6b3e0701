import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJson, writeJson } from "../../src/kernel/strict-json.ts";
import { thirdParty } from "../support/third-party.ts";

const folder = thirdParty("jsontestsuite/test_parsing");
const limits = { depthMax: 512, arrayLengthMax: 100_000 };

/**
 * Texts that the suite says must parse, and that are refused on purpose: RFC 8259 §4 says that names SHOULD be unique, and
 * two readers of one record must never see two values.
 */
const REFUSED_ON_PURPOSE: ReadonlyMap<string, string> = new Map([
  ["y_object_duplicated_key.json", "JSON_DUPLICATE_NAME"],
  ["y_object_duplicated_key_and_value.json", "JSON_DUPLICATE_NAME"],
]);

const files = folder === undefined ? [] : readdirSync(folder).sort();
const named = (prefix: string) => files.filter((name) => name.startsWith(prefix));
const read = (name: string) => readJson(readFileSync(join(folder ?? "", name)), limits);

describe.runIf(folder !== undefined)(
  "JSONTestSuite (third-party data; skipped where it is not there)",
  () => {
    test("all its files are seen", () => {
      expect([named("y_").length, named("n_").length, named("i_").length]).toEqual([95, 188, 35]);
    });

    test.each(named("y_"))("%s is read, and what is written of it reads the same", (name) => {
      const result = read(name);
      const code = REFUSED_ON_PURPOSE.get(name);
      if (code !== undefined) expect(result).toMatchObject({ ok: false, fault: { code } });
      else {
        expect(result.ok).toBe(true);
        if (result.ok) {
          const plain: unknown = JSON.parse(readFileSync(join(folder ?? "", name), "utf8"));
          expect(JSON.parse(writeJson(result.value))).toEqual(plain);
        }
      }
    });

    test.each(named("n_"))("%s is refused", (name) => {
      expect(read(name).ok).toBe(false);
    });

    test.each(named("i_"))("%s is read or refused, never a crash", (name) => {
      const result = read(name);
      if (!result.ok) expect(result.fault.code).toMatch(/^JSON_/);
    });

    test("of what implementations may decide, ill-formed Unicode is refused and numbers of any size are kept", () => {
      const outcome = Object.fromEntries(named("i_").map((name) => [name, read(name)]));
      for (const [name, result] of Object.entries(outcome)) {
        expect({ name, ok: result.ok }).toEqual({
          name,
          ok: name.startsWith("i_number") || name.includes("nested"),
        });
      }
    });
  },
);
