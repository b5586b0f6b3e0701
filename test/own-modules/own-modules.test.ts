import { describe, expect, test } from "vitest";
import { loadModules, settingsSchemas } from "../../src/own-modules/own-modules.ts";
import { MODULES } from "../../src/policy/registry.ts";
import { moduleFile, moduleText } from "./sample.ts";

const words = (changed: string) => moduleText("return {};", changed);

describe("the modules of a company", () => {
  test("are the built-in ones and its own, with their settings", () => {
    const { modules, problems } = loadModules([moduleFile(moduleText("return {};"))]);
    expect(problems).toEqual([]);
    expect([...modules.keys()]).toEqual([...MODULES.keys(), "our-rule"]);
    expect(settingsSchemas(modules).get("our-rule")).toEqual({ type: "object" });
    expect(loadModules([])).toEqual({ modules: MODULES, problems: [] });
  });

  test("are loaded once as long as the file stays as it is", () => {
    const file = moduleFile(moduleText("return {};"));
    const [one, two] = [loadModules([file]), loadModules([file])].map(({ modules }) =>
      modules.get("our-rule"),
    );
    expect(one).toBe(two);
    const changed = loadModules([{ ...file, text: `${file.text}\n` }]).modules.get("our-rule");
    expect(changed).toBeDefined();
    expect(changed).not.toBe(one);
  });

  test.each<[string, string, object]>([
    ["no TypeScript", "\nconst x: = 1;", { rule: "module.source", line: 2 }],
    ["no module", "const a = 1;", { rule: "module.threw" }],
    ["a module that loops", "for (;;);", { rule: "module.slow" }],
    ["a module that imports", "import './a.ts';", { rule: "module.source", line: 1 }],
    [
      "a module that takes all memory",
      "'x'.repeat(2 ** 29 - 30).split('');",
      { rule: expect.stringMatching(/^module\.(died|slow)$/) },
    ],
    ["a module without a name", words("name: undefined,"), { rule: "module.required" }],
    ["a module with a name that bundles can't write", words("name: 'our rule',"), { rule: "module.format" }],
    ["a module that says nothing of itself", words("describe: '',"), { rule: "module.length" }],
    ["a module that says too much of itself", words("describe: 'x'.repeat(2e6),"), { rule: "module.large" }],
    ["a module without settings", words("settingsSchema: 5,"), { rule: "module.type" }],
    [
      "a module that does nothing",
      words("compile: 5,").replace(/compile\(settings[^\n]*/, ""),
      { rule: "module.compile" },
    ],
    [
      "settings with an expression",
      words("settingsSchema: { properties: { a: { pattern: '^(a+)+$' } } },"),
      { rule: "module.settings-word", message: expect.stringContaining("`pattern`") },
    ],
    [
      "settings with a slip",
      words("settingsSchema: { proprties: {} },"),
      { rule: "module.settings-word", mend: "Did you mean `properties`?" },
    ],
    [
      "settings that are no schema",
      words("settingsSchema: { type: 'number-ish' },"),
      { rule: "module.settings-schema" },
    ],
  ])("are not %s, and the file is told", (_, text, problem) => {
    const file = moduleFile(text);
    const { modules, problems } = loadModules([file]);
    expect([...modules.keys()]).toEqual([...MODULES.keys()]);
    expect(problems).toMatchObject([{ severity: "error", file: file.file, ...problem }]);
  });

  test.each([
    ["of tiermesh", [words("name: 'categories',")], "a module of tiermesh is"],
    ["of another file", [words(""), words("version: '2',")], "the module of modules/"],
  ])("have no name %s", (_, texts, message) => {
    const { modules, problems } = loadModules(texts.map(moduleFile));
    expect(problems).toMatchObject([
      {
        rule: "module.name-taken",
        file: "gateway.yaml",
        line: 9,
        column: 23,
        message: expect.stringContaining(message),
      },
    ]);
    expect(modules.get("categories")).toBe(MODULES.get("categories"));
  });
});
