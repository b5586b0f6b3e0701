import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Folder } from "../../src/cli/folder.ts";
import { modulesFor, readInside } from "../../src/cli/modules.ts";
import { ProblemsFound } from "../../src/cli/refusal.ts";
import { MODULES } from "../../src/policy/registry.ts";
import { companies } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

const MODULE =
  'export const module = { name: "our-rule", version: "1", describe: "Ours.", settingsSchema: {}, compile() { return {}; } };';
const GATEWAY = "spec:\n  policy: {modules: [modules/our-rule.ts]}\n";
const namesIn = (folder: string) => [...modulesFor(folder, folder).modules.keys()];

describe("the modules for a folder", () => {
  test("are those of the nearest gateway.yaml, in it or above it", () => {
    const folder = folderWith({
      "gateway.yaml": GATEWAY,
      "modules/our-rule.ts": MODULE,
      "contracts/demand/cases/a.yaml": "",
      "other/gateway.yaml": "spec: {}",
    });
    expect(namesIn(folder)).toContain("our-rule");
    expect(namesIn(join(folder, "contracts/demand/cases"))).toContain("our-rule");
    expect(namesIn(join(folder, "other"))).not.toContain("our-rule");
  });

  test("are the built-in ones where there is no gateway.yaml, or none that can be read", () => {
    expect(modulesFor(folderWith({}), "/").modules).toBe(MODULES);
    expect(modulesFor(folderWith({ "gateway.yaml": "a: [" }), "/")).toMatchObject({
      modules: MODULES,
      problems: [{ rule: "file.syntax" }],
    });
  });

  test("stop a command when one can't be loaded", () => {
    const path = folderWith({ "gateway.yaml": GATEWAY });
    expect(() => new Folder(path, kept(path).context).modules).toThrow(ProblemsFound);
    const whole = folderWith({ "gateway.yaml": GATEWAY, "modules/our-rule.ts": MODULE });
    expect([...new Folder(whole, kept(whole).context).modules.keys()]).toContain("our-rule");
  });

  test("that are broken stop no command that does without them", async () => {
    const { files } = await companies();
    const folder = folderWith({
      ...files,
      "gateway.yaml": `${files["gateway.yaml"]}  policy: {modules: [modules/our-rule.ts]}\n`,
      "modules/our-rule.ts": "for (;;);",
    });
    expect(new Folder(folder, kept(folder).context).gateway.policy.modules).toHaveLength(1);
  });

  test("are UTF-8", () => {
    const folder = folderWith({ "gateway.yaml": "", "a.ts": "é" });
    expect(readInside(join(folder, "gateway.yaml"))("a.ts")).toBe("é");
    expect(readInside(join(folder, "gateway.yaml"))("b.ts")).toBeUndefined();
    writeFileSync(join(folder, "a.ts"), Uint8Array.of(0x61, 0xff));
    expect(readInside(join(folder, "gateway.yaml"))("a.ts")).toBeUndefined();
  });
});

test("two policies of one name stop whatever needs the policies", () => {
  const bundle = (use: string) =>
    `apiVersion: tiermesh/v1\nkind: PolicyBundle\nmetadata: {name: one, version: 1.0.0}\nspec: {modules: [{use: ${use}}]}\n`;
  const path = folderWith({ "policies/a.yaml": bundle("categories"), "policies/b.yaml": bundle("limits") });
  expect(() => new Folder(path, kept(path).context).bundles).toThrow(ProblemsFound);
});
