import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PROFILE_KEYS } from "../../../src/mesh/contracts/profile-keys.ts";
import { RULES } from "../../../src/mesh/contracts/rules.ts";
import { PROFILE_CASES } from "./profile-cases.ts";
import { type Files, read, SCHEMA } from "./sample.ts";
import { SCHEMA_CASES } from "./schema-cases.ts";

const CASES = [...PROFILE_CASES, ...SCHEMA_CASES];

/** The text of a file from a place on. */
function textAt(file: string, line: number, column: number, contract: string, files: Files): string {
  const schema = files["payload.schema.json"];
  const text = file.endsWith(".json")
    ? typeof schema === "string"
      ? schema
      : JSON.stringify(schema)
    : contract;
  return (text.split("\n")[line - 1] ?? "").slice(column - 1);
}

describe("a contract with one thing wrong", () => {
  it.each(CASES)(
    "is told the rule and the place: $of",
    ({ contract, files = { "payload.schema.json": SCHEMA }, breaks }) => {
      const { problems, contract: reading } = read(contract, files);
      const told = problems.map(({ rule, file, line, column }, index) => {
        const expected = breaks[index]?.split(" @ ")[1] ?? "";
        return `${rule} @ ${textAt(file, line, column, contract, files).slice(0, expected.length)}`;
      });
      expect(told).toEqual(breaks);
      expect(reading === undefined).toBe(problems.some(({ severity }) => severity === "error"));
      for (const { message, mend } of problems) {
        expect(message).toMatch(/^[A-Z`].*[.]$/);
        expect(mend).toMatch(/[.?]$/);
      }
    },
  );

  it("is tried for every rule of the profile", () => {
    const tried = new Set(CASES.flatMap(({ breaks }) => breaks.map((line) => line.split(" @ ")[0])));
    const rules = Object.keys(RULES).filter((rule) => rule.startsWith("mesh."));
    expect(rules.filter((rule) => !tried.has(rule))).toEqual([]);
  });
});

describe("docs/contracts.md", () => {
  const text = readFileSync(new URL("../../../docs/contracts.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^\| `((?:mesh|bundle)\.[a-z-]+)` +\| (error|warning) +\|/gm)].map(
    ([, rule, severity]) => `${rule} ${severity}`,
  );

  it("has every rule of the table, with its severity, and no other", () => {
    const rules = Object.entries(RULES).map(([rule, { severity }]) => `${rule} ${severity}`);
    expect(documented.toSorted()).toEqual(rules.toSorted());
  });

  it("names every key of the profile", () => {
    for (const name of PROFILE_KEYS) expect(text).toContain(`\`${name}\``);
  });
});
