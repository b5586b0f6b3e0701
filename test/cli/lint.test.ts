import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CONTRACT, type Companies, companies } from "./aurora.ts";
import { type Ended, folderWith, run } from "./program.ts";

let both: Companies;
beforeAll(async () => {
  both = await companies();
});
const schema = () => both.files["contracts/demand/payload.schema.json"] ?? "";
const problems = ({ out }: Ended) =>
  (
    JSON.parse(out) as {
      problems: { file: string; line: number; rule: string; mend: string; severity: string }[];
    }
  ).problems;

describe("tiermesh lint", () => {
  test("finds nothing wrong with a company's folder, and never looks into keys/", async () => {
    const ended = await run(folderWith({ ...both.files, "keys/broken.yaml": "{" }), ["lint", "."]);
    expect(ended).toEqual({ code: 0, out: "5 files, 0 errors, 0 warnings\n", err: "" });
  });

  test("reports all problems of all files at once, with place, rule and how to mend", async () => {
    const { files } = both;
    const folder = folderWith({
      ...files,
      "contracts/not-yaml/contract.odcs.yaml": "name: [unclosed\n",
      "contracts/not-odcs/contract.odcs.yaml": "apiVersion: v3.1.0\nkind: DataContract\nname: 5\n",
      "contracts/unknown-key/payload.schema.json": schema(),
      "contracts/unknown-key/contract.odcs.yaml": CONTRACT.replace("mesh.headers", "mesh.haeders"),
      "contracts/wrong-digest/payload.schema.json": schema(),
      "contracts/wrong-digest/contract.odcs.yaml": CONTRACT.replace(
        "{file: payload.schema.json}",
        `{file: payload.schema.json, digest: "sha-256:${"0".repeat(64)}"}`,
      ),
      "contracts/remote-ref/payload.schema.json": '{"$ref": "https://attacker.example/schema.json"}',
      "contracts/remote-ref/contract.odcs.yaml": CONTRACT,
      "contracts/outside/contract.odcs.yaml": CONTRACT.replace(
        "payload.schema.json",
        "../demand/payload.schema.json",
      ),
      "partners/helix.yaml": (files["partners/helix.yaml"] ?? "").replace(
        /SHA256:[^"\n]*/,
        `SHA256:${"A".repeat(43)}`,
      ),
      "card.yaml": (files["card.yaml"] ?? "").replace("Aurora Motors", "Aurora Motor"),
      "gateway.yaml": (files["gateway.yaml"] ?? "").replace("listen", "listn"),
      "policies/p.yaml": "apiVersion: tiermesh/v1\nkind: PolicyBundle\n",
    });
    const ended = await run(folder, ["lint", ".", "--json"]);
    expect([ended.code, ended.err]).toEqual([1, ""]);
    const found = problems(ended);
    const rulesOf = (file: string) =>
      found.filter((problem) => problem.file === file).map(({ rule }) => rule);
    expect(rulesOf("contracts/not-yaml/contract.odcs.yaml")).toContain("file.syntax");
    expect(rulesOf("contracts/not-odcs/contract.odcs.yaml").join()).toMatch(/odcs\./);
    expect(rulesOf("contracts/unknown-key/contract.odcs.yaml").join()).toMatch(/mesh\.unknown/);
    expect(rulesOf("contracts/wrong-digest/contract.odcs.yaml").join()).toMatch(/digest/);
    expect(found.filter(({ file }) => file.startsWith("contracts/remote-ref")).length).toBeGreaterThan(0);
    expect(found.filter(({ file }) => file.startsWith("contracts/outside")).length).toBeGreaterThan(0);
    expect(rulesOf("partners/helix.yaml")).toEqual(["partner.fingerprint"]);
    expect(rulesOf("card.yaml")).toEqual(["card.signature"]);
    expect(rulesOf("gateway.yaml")).toEqual(["gateway.required", "gateway.unknown-key"]);
    expect(rulesOf("policies/p.yaml").length).toBeGreaterThan(0);
    expect(rulesOf("contracts/demand/contract.odcs.yaml")).toEqual([]);
    const unknown = found.find(({ file }) => file.includes("unknown-key"));
    expect(unknown).toMatchObject({ line: 21, mend: expect.stringContaining("mesh.headers") });
  });

  test("does not follow a link that leads out of a contract's folder", async () => {
    const secret = folderWith({ "schema.json": schema() });
    const folder = folderWith({ "contract.odcs.yaml": CONTRACT });
    symlinkSync(join(secret, "schema.json"), join(folder, "payload.schema.json"));
    const ended = await run(folder, ["lint", "contract.odcs.yaml"]);
    expect(ended.code).toBe(1);
    expect(ended.out).toMatch(/contract\.odcs\.yaml:\d+:\d+ {2}error {2}mesh\./);
  });

  test("prints problems for people without colours where there is no terminal", async () => {
    const folder = folderWith({ "x.yaml": "kind: Crad\n", "y.yaml": "a: 1\n" });
    const ended = await run(folder, ["lint", "x.yaml", "y.yaml", "z.yaml"]);
    expect(ended).toMatchObject({ code: 1, err: "" });
    expect(ended.out).toBe(`x.yaml:1:7  error  file.kind
  The kind \`Crad\` is not known.
  Did you mean \`Card\`?
y.yaml:1:1  error  file.kind
  The file does not say its kind.
  Write one of Gateway, Card, Partner, DataContract, PolicyBundle, AccessAgreement.
z.yaml:1:1  error  file.missing
  The file is not there, or not readable.
  Check the path and its permissions.
3 files, 3 errors, 0 warnings
`);
  });

  const bundle = (name: string, use: string, settings = "{}") =>
    `apiVersion: tiermesh/v1\nkind: PolicyBundle\nmetadata: {name: ${name}, version: 1.0.0}\nspec:\n  modules:\n  - {use: ${use}, with: ${settings}}\n`;
  const ownModule = `export const module = {
  name: "our-rule", version: "1", describe: "Ours.",
  settingsSchema: { type: "object", additionalProperties: false, properties: { days: { type: "integer", minimum: 1 } } },
  compile() { return {}; },
};
`;
  const withModule = () => ({
    "gateway.yaml": `${both.files["gateway.yaml"]}  policy: {modules: [modules/our-rule.ts]}\n`,
    "modules/our-rule.ts": ownModule,
  });

  test("holds policies against the modules of the company that they lie in", async () => {
    const folder = folderWith({
      ...withModule(),
      "policies/right.yaml": bundle("right", "our-rule", "{days: 3}"),
      "policies/range.yaml": bundle("range", "our-rule", "{days: 0}"),
      "policies/slip.yaml": bundle("slip", "our-rul"),
    });
    const found = problems(await run(folder, ["lint", ".", "--json"]));
    expect(found).toMatchObject([
      { file: "policies/range.yaml", line: 6, column: 34, rule: "bundle.range" },
      {
        file: "policies/slip.yaml",
        line: 6,
        rule: "bundle.unknown-module",
        mend: "Did you mean `our-rule`?",
      },
    ]);
    const elsewhere = folderWith({ "policies/right.yaml": bundle("right", "our-rule", "{days: 3}") });
    expect(problems(await run(elsewhere, ["lint", ".", "--json"]))).toMatchObject([
      { rule: "bundle.unknown-module" },
    ]);
  });

  test("tells where a module of the company's own is wrong, and never follows a link out of the folder", async () => {
    const secret = folderWith({ "our-rule.ts": ownModule });
    const broken = folderWith({ ...withModule(), "modules/our-rule.ts": `\n${ownModule}const a = ;\n` });
    expect(problems(await run(broken, ["lint", "gateway.yaml", "--json"]))).toMatchObject([
      { file: "modules/our-rule.ts", line: 7, rule: "module.source" },
    ]);
    const { "modules/our-rule.ts": _, ...rest } = withModule();
    const linked = folderWith({ ...rest, "modules/readme": "" });
    symlinkSync(join(secret, "our-rule.ts"), join(linked, "modules/our-rule.ts"));
    expect(problems(await run(linked, ["lint", "gateway.yaml", "--json"]))).toMatchObject([
      { file: "gateway.yaml", rule: "gateway.module-missing" },
    ]);
  });

  test("refuses two policies of one name, once for a file that was named twice", async () => {
    const folder = folderWith({
      "a/one.yaml": bundle("one", "categories"),
      "b/two.yaml": bundle("one", "limits"),
    });
    const ended = await run(folder, ["lint", "a", "b", "a/one.yaml", "--json"]);
    expect(ended.code).toBe(1);
    expect(problems(ended)).toMatchObject([{ file: "b/two.yaml", line: 3, rule: "bundle.name-taken" }]);
    expect((await run(folder, ["lint", "a", "a/one.yaml"])).code).toBe(0);
  });
});
