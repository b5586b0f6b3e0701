import { spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { module } from "../../examples/own-module/modules/internal-names.ts";
import type { OwnModule } from "../../src/own-modules/author.ts";
import { folderWith, run } from "../cli/program.ts";
import { ROOT } from "../support/sources.ts";

const EXAMPLE = join(ROOT, "examples/own-module");
const page = readFileSync(join(ROOT, "docs/own-modules.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text = ""]) => text,
  );
const named = [...page.matchAll(/^`([\w./-]+)`[^\n]*:\n\n```\w+\n([\s\S]*?)^```/gm)];

/** Another program than ours, without the test runner's own settings. */
function execute(
  cwd: string,
  args: readonly string[],
): { readonly code: number | null; readonly out: string } {
  const { status, stdout } = spawnSync(process.execPath, args, { cwd, env: {}, encoding: "utf8" });
  return { code: status, out: stdout };
}

describe("docs/own-modules.md", () => {
  test("shows the files of the example as they are", () => {
    expect(named.map(([, path]) => path)).toEqual([
      "modules/internal-names.ts",
      "gateway.yaml",
      "policies/infosec.yaml",
    ]);
    for (const [, path = "", text = ""] of named)
      expect([path, readFileSync(join(EXAMPLE, path), "utf8")]).toEqual([
        path,
        expect.stringContaining(text),
      ]);
  });

  test("has commands that do what it says", async () => {
    const folder = folderWith({});
    cpSync(EXAMPLE, folder, { recursive: true });
    const lines = blocks("sh").flatMap((block) => block.trimEnd().split("\n"));
    expect(lines.length).toBeGreaterThan(3);
    let out = "";
    for (const line of lines) {
      const [program, ...args] = line.split(" ");
      const ended = program === "node" ? await execute(folder, args) : await run(folder, args);
      expect([line, ended.code, ended.out]).toEqual([line, 0, ended.out]);
      out += ended.out;
    }
    const [expected = ""] = blocks("text");
    for (const line of expected.trimEnd().split("\n")) expect(out).toContain(line);
  });
});

test("the example is a module by its type, and takes its settings as a bundle writes them", () => {
  const typed: OwnModule<{ readonly endings: readonly string[] }> = module;
  expect(typed).toMatchObject({ name: "internal-names", settingsSchema: { required: ["endings"] } });
});
