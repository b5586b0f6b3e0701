import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../src/document/document.ts";
import { STRICTNESS } from "../../src/kernel/action.ts";
import type { PolicyBundle } from "../../src/kernel/policy-bundle.ts";
import { DETECTORS } from "../../src/kernel/screen.ts";
import { readBundle } from "../../src/mesh/contracts/bundle-file.ts";
import { compilePlan } from "../../src/policy/plan.ts";
import { MODULE_SETTINGS, MODULES } from "../../src/policy/registry.ts";
import { ROOT, sourcesIn } from "../support/sources.ts";
import { faultsOfRules, RULES } from "./rule-table.ts";
import { contract, input, number, share, text } from "./sample.ts";

const page = readFileSync(`${ROOT}/docs/policies.md`, "utf8");
const modulesPart = page.slice(page.indexOf("## Bundles"), page.indexOf("## The rules"));
const sectionOf = (name: string): string =>
  modulesPart.slice(modulesPart.indexOf(`### ${name}\n`)).split("\n### ", 1)[0] ?? "";
const examplesIn = (part: string): readonly string[] =>
  [...part.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => yaml);

const HEAD = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: example, version: 1.0.0}
spec:
  direction: outbound
  modules:
`;

/** The bundle in a text, as `lint` reads it; it must have no problem. */
function soundBundle(yaml: string, file: string): PolicyBundle {
  const document = readDocument(yaml, file);
  if (!document.ok) throw new Error(`${file} is not well-formed.`);
  const { bundle, problems } = readBundle(document.value, MODULE_SETTINGS);
  expect(problems).toEqual([]);
  if (bundle === undefined) throw new Error(`${file} is no bundle.`);
  return bundle;
}

const subject = contract({
  plain: text(share),
  price: number(share, { categories: ["price", "volume"] }),
  supplier: text(share, { categories: ["third-party"] }),
});

/** Why modules would refuse their settings, whomever they select. */
const refusals = (...bundles: readonly PolicyBundle[]) =>
  compilePlan(
    input(subject, {
      bundles: bundles.map((each) => ({
        ...each,
        modules: each.modules.map((use) => ({ ...use, when: {} })),
      })),
    }),
  ).denials.filter(({ code }) => code.startsWith("POLICY_"));

describe("docs/policies.md", () => {
  it("has a section for every module, and for no other", () => {
    const sections = [...modulesPart.matchAll(/^### (.+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual([...MODULES.keys()].sort());
  });

  it.each([...MODULES])("names every setting of %s in its section", (name, { settingsSchema }) => {
    const properties = "properties" in settingsSchema ? Object.keys(settingsSchema.properties ?? {}) : [];
    const settings = name === "categories" ? ["CATEGORY"] : properties;
    for (const setting of settings)
      expect([name, sectionOf(name)]).toEqual([name, expect.stringContaining(setting)]);
  });

  it.each([...MODULES.keys()])("has an example of %s that lint has nothing against", (name) => {
    const examples = examplesIn(sectionOf(name));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const bundle = soundBundle(HEAD + example.replaceAll(/^/gm, "    "), `${name}.yaml`);
      expect(bundle.modules.map(({ use }) => use)).toEqual([name]);
      expect(refusals(bundle)).toEqual([]);
    }
  });

  it("has a whole bundle that lint has nothing against", () => {
    const [whole = ""] = examplesIn(modulesPart);
    expect(refusals(soundBundle(whole, "bundle.yaml"))).toEqual([]);
  });

  it("has the actions in the order of their strictness", () => {
    const order = STRICTNESS.map((names) => names.map((name) => `\`${name}\``).join(" = ")).join(" < ");
    expect(page).toContain(order);
  });

  it("has every detector, and no other", () => {
    const table = page.slice(page.indexOf("| detector"), page.indexOf("### Classification"));
    const names = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    expect(names).toEqual([...DETECTORS]);
  });
});

const sources = {
  modules: [...MODULES.keys()],
  read: (path: string) =>
    existsSync(`${ROOT}/${path}`) ? readFileSync(`${ROOT}/${path}`, "utf8") : undefined,
};

describe("the table of rules", () => {
  it("names what keeps each rule, and tests that are there", () => {
    expect(faultsOfRules(page, sources)).toEqual([]);
  });

  const changed = (rule: number, change: (line: string) => string): readonly string[] =>
    faultsOfRules(
      page
        .split("\n")
        .map((line) => (new RegExp(`^\\| *${rule} *\\|`).test(line) ? change(line) : line))
        .join("\n"),
      sources,
    );

  it.each(Array.from({ length: RULES }, (_, index) => index + 1))(
    "would be missed without rule %i",
    (rule) => {
      expect(changed(rule, () => "")).toContain(`Rule ${rule} has no row.`);
    },
  );

  it.each([
    [
      "a module that is not there",
      15,
      "`third-party`",
      "`third-parties`",
      "Rule 15 names third-parties, which is not there.",
    ],
    ["a module that keeps no rule", 15, "`third-party`", "`scope`", "The module third-party keeps no rule."],
    [
      "a file that is gone",
      3,
      "src/mesh/agreements.ts",
      "src/mesh/gone.ts",
      "Rule 3 names src/mesh/gone.ts, which is not there.",
    ],
    [
      "a test file that is gone",
      17,
      "prices.test.ts",
      "gone.test.ts",
      "Rule 17 names test/policy/modules/gone.test.ts, which is not there.",
    ],
    [
      "a test that is gone",
      17,
      "“stay”",
      "“go”",
      "Rule 17: test/policy/modules/prices.test.ts has no test “go”.",
    ],
    [
      "a file without a test",
      17,
      "“stay”",
      "",
      "Rule 17 names no test of test/policy/modules/prices.test.ts.",
    ],
    ["a row that stands twice", 17, "| 17 ", "| 18 ", "Rule 18 stands twice."],
    ["a rule too many", 26, "| 26 ", "| 27 ", "There is no rule 27."],
  ])("would be caught with %s", (_, rule, before, after, fault) => {
    expect(changed(rule, (line) => line.replaceAll(before, after))).toContain(fault);
  });

  it("would be caught with empty cells", () => {
    expect(changed(17, () => "| 17 | Prices | | |")).toEqual(
      expect.arrayContaining(["Rule 17 is kept by nothing.", "Rule 17 has no case."]),
    );
  });
});

describe("the bundles that come with the project", () => {
  const files = sourcesIn("policies/*.yaml", "templates/policies/*.yaml");
  const bundles = files.map(({ path, text: yaml }) => soundBundle(yaml, path));
  const templates = [
    "demand-and-capacity",
    "traceability",
    "quality",
    "logistics",
    "product-carbon-footprint",
  ];

  it("are the baseline and a template for each use, with names that differ", () => {
    expect(files.map(({ path }) => path).sort()).toEqual(
      ["policies/baseline.yaml", ...templates.map((name) => `templates/policies/${name}.yaml`)].sort(),
    );
    expect(new Set(bundles.map(({ name }) => name)).size).toBe(bundles.length);
  });

  it("are understood by their modules, alone and together", () => {
    for (const bundle of bundles) expect([bundle.name, refusals(bundle)]).toEqual([bundle.name, []]);
    expect(refusals(...bundles)).toEqual([]);
  });

  it("use every module", () => {
    const used = new Set(bundles.flatMap(({ modules }) => modules.map(({ use }) => use)));
    expect([...MODULES.keys()].filter((name) => !used.has(name))).toEqual([]);
  });

  it("are linked from the page", () => {
    for (const { path } of files) expect(page).toContain(`(../${path})`);
  });
});
