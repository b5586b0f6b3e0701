import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { STRICTNESS } from "../../src/kernel/action.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { MODULES } from "../../src/policy/registry.ts";
import { bundle, contract, input, share, text } from "./sample.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/policies.md", import.meta.url)), "utf8");

describe("docs/policies.md", () => {
  it("has a section for every module, and for no other", () => {
    const start = page.indexOf("## Bundles");
    const sections = page.slice(start, page.indexOf("## Writing a module")).matchAll(/^### (.+)$/gm);
    expect([...sections].map(([, name]) => name).sort()).toEqual([...MODULES.keys()].sort());
  });

  it("names every setting of every module in its section", () => {
    for (const [name, { settingsSchema }] of MODULES) {
      const section = page.slice(page.indexOf(`### ${name}`)).split("\n#", 1)[0] ?? "";
      const properties = "properties" in settingsSchema ? Object.keys(settingsSchema.properties ?? {}) : [];
      const settings = name === "categories" ? ["CATEGORY"] : properties;
      for (const setting of settings) expect([name, section.includes(setting)]).toEqual([name, true]);
    }
  });

  it("has a bundle whose modules all understand their settings", () => {
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const { spec } = parse(yaml);
    expect(spec.modules.length).toBe(MODULES.size);
    const modules = spec.modules.map((use: { with: object }) => ({ ...use, when: {} }));
    expect(
      compilePlan(input(contract({ a: text(share) }), { bundles: [bundle(...modules)] })).denials,
    ).toEqual([]);
  });

  it("has the actions in the order of their strictness", () => {
    const order = STRICTNESS.map((names) => names.map((name) => `\`${name}\``).join(" = ")).join(" < ");
    expect(page).toContain(order);
  });
});
