import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { KEY_FILES } from "../../src/tenants/keys.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("SECURITY.md", root), "utf8");

test("every test and source that the security page names is there", () => {
  const named = [...page.matchAll(/`((?:test|src|docs)\/[^`]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([]);
});

test("every threat on the security page has a measure and a test", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.split("|").length === 5);
  const threats = rows.filter((row) => row.includes("`test/"));
  expect(threats.length).toBeGreaterThan(20);
  for (const row of threats)
    expect(
      row
        .split("|")
        .map((cell) => cell.trim())
        .slice(1, 4),
    ).not.toContain("");
});

test("every kind of key is on the security page", () => {
  for (const name of Object.keys(KEY_FILES)) {
    const [word = ""] = name.split(/[.-]/);
    expect(page.toLowerCase()).toContain(`| ${word}`);
  }
});
