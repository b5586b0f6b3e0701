import { describe, expect, test } from "vitest";
import { readModuleFiles } from "../../src/config/module-files.ts";
import { readDocument } from "../../src/document/document.ts";

const FILES: Readonly<Record<string, string>> = {
  "modules/our-rule.ts": "export const module = {};",
  "modules/long.ts": "x".repeat(300_000),
};

function read(paths: string, file = "aurora/gateway.yaml") {
  const document = readDocument(`spec:\n  policy:\n    modules: ${paths}\n`, file);
  if (!document.ok) throw new Error(JSON.stringify(document.fault));
  return readModuleFiles(document.value, { readInside: (path) => FILES[path] });
}

describe("the policy modules of gateway.yaml", () => {
  test("are read, each with its place", () => {
    expect(read("[modules/our-rule.ts]")).toEqual({
      files: [
        {
          file: "aurora/modules/our-rule.ts",
          text: "export const module = {};",
          declared: { file: "aurora/gateway.yaml", line: 3, column: 15, pointer: "/spec/policy/modules/0" },
        },
      ],
      problems: [],
    });
  });

  test.each([
    ["no TypeScript", "[modules/our-rule.js]", "gateway.module-path"],
    ["above the folder", "[../our-rule.ts]", "gateway.module-path"],
    ["above it in the end", "[modules/../../our-rule.ts]", "gateway.module-path"],
    ["anywhere on the machine", "[/etc/our-rule.ts]", "gateway.module-path"],
    ["anywhere on another machine", "['\\\\host\\our-rule.ts']", "gateway.module-path"],
    ["on a drive", "['C:our-rule.ts']", "gateway.module-path"],
    ["nowhere", "[modules/other.ts]", "gateway.module-missing"],
    ["too long", "[modules/long.ts]", "gateway.module-size"],
  ])("are not %s", (_, paths, rule) => {
    const { files, problems } = read(paths);
    expect(files).toEqual([]);
    expect(problems).toMatchObject([{ rule, severity: "error", line: 3, column: 15 }]);
  });

  test.each(["modules/our-rule.ts", "{a: b}", "[5, [modules/our-rule.ts]]", "null"])(
    "are none where %s stands",
    (paths) => {
      expect(read(paths)).toEqual({ files: [], problems: [] });
    },
  );
});
