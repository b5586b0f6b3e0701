import { beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "../../src/cli/command.ts";
import { explain } from "../../src/cli/commands/explain.ts";
import { agreement, type Companies, companies, HELIX } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

let both: Companies;
beforeAll(async () => {
  both = await companies();
});

/** The command with arguments as on the command line. */
async function run(folder: string, args: readonly string[]) {
  const { context, texts } = kept(folder);
  return { code: await runProgram([explain], args, context), ...texts };
}

const POLICY = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: infosec, version: 1.0.0}
spec:
  direction: outbound
  modules:
  - {use: categories, with: {volume: drop}}
`;
const withPolicy = () => folderWith({ ...both.files, "policies/infosec.yaml": POLICY });
const ABOUT = ["explain", "demand", "--partner", "helix"];

describe("tiermesh explain", () => {
  test("says for every field what happens to it, by which rule, and where that stands", async () => {
    const ended = await run(withPolicy(), ["explain", "demand", "--partner", HELIX, "--json"]);
    const { fields, bundles, terms, pseudonymEpoch } = JSON.parse(ended.out);
    expect(bundles).toMatchObject([{ name: "infosec" }]);
    const contract = "contracts/demand/contract.odcs.yaml";
    expect(fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: "/material", effect: "leaves", by: "contract" }),
        expect.objectContaining({
          path: "/price",
          effect: "stays",
          by: "contract",
          where: [{ file: contract, line: 26, column: 5 }],
        }),
        expect.objectContaining({
          path: "/demand",
          effect: "stays",
          by: "infosec/categories",
          where: [{ file: "policies/infosec.yaml", line: 7, column: 5 }],
        }),
        expect.objectContaining({ path: "key", where: [{ file: contract, line: 20, column: 5 }] }),
      ]),
    );
    expect(terms).toContainEqual({
      name: "only records",
      detail: 'whose /supplier equals "BPNL00000007QWER"',
      by: "contract",
      where: [{ file: contract, line: 22, column: 5 }],
    });
    expect(pseudonymEpoch).toBe(1);
  });

  test("prints a table that a terminal of 100 columns holds", async () => {
    const { out } = await run(withPolicy(), ABOUT);
    expect(out).toMatch(/^\/demand +stays +not there +infosec\/categories +:7$/m);
    expect(out).toMatch(/^\/price +stays +not there +contract +:26$/m);
    expect(out).toMatch(/^infosec\/categories +policies\/infosec\.yaml$/m);
    const [, contract, , ...table] = out.split("\n");
    expect(contract).toMatch(/^Contract sha-256:/);
    expect(table.filter((line) => line.length > 100)).toEqual([]);
  });

  test("tells the whole story of one field: every rule, and what it would take", async () => {
    const folder = withPolicy();
    const { out } = await run(folder, [...ABOUT, "--field", "/price"]);
    expect(out.split("\n")).toEqual([
      "/price",
      "It stays: not there (contract, contracts/demand/contract.odcs.yaml:26).",
      "It is classified restricted, price, contracts/demand/contract.odcs.yaml:26.",
      "",
      "What it would take to change it:",
      "1. contract, which decides, contracts/demand/contract.odcs.yaml:26: not there",
      "   Change mesh.action of /price in contracts/demand/contract.odcs.yaml:26.",
      "   That alone changes nothing: it stays, by clearance.",
      "2. clearance, partners/helix.yaml:9: not there",
      "   Raise the partner's clearance to restricted in partners/helix.yaml:9, or classify /price lower in contracts/demand/contract.odcs.yaml:26.",
      "   That alone changes nothing: it stays, by contract.",
      "",
    ]);
    expect((await run(folder, [...ABOUT, "--field", "/material"])).out).toContain(
      "No rule takes anything away",
    );
    expect(await run(folder, [...ABOUT, "--field", "/nothing"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("The contract lists no /nothing"),
    });
  });

  test("points at the agreement's own entry", async () => {
    const narrow = [{ property: "mesh.narrow", value: { fields: { "/material": { action: "drop" } } } }];
    const text = agreement("2020-01-01T00:00:00Z", "2029-01-01T00:00:00Z");
    const folder = folderWith({
      ...both.files,
      "agreements/a.yaml": text.replace(
        "customProperties:",
        `customProperties:\n  - ${JSON.stringify(narrow[0])}`,
      ),
    });
    const { out } = await run(folder, [...ABOUT, "--field", "/material", "--json"]);
    const { rules } = JSON.parse(out);
    const line = text.split("\n").indexOf("customProperties:") + 2;
    expect(rules).toMatchObject([{ by: "agreement", where: { file: "agreements/a.yaml", line } }]);
  });

  test("shows a rotation of the pseudonym keys", async () => {
    const pseudonymous = (both.files["contracts/demand/contract.odcs.yaml"] ?? "").replace(
      /(name: material,.*\{action: )share/,
      "$1pseudonymize",
    );
    const files = { ...both.files, "contracts/demand/contract.odcs.yaml": pseudonymous };
    const before = await run(folderWith(files), ABOUT);
    const rotated = folderWith({ ...files, "keys/pseudonym-epoch": "7\n" });
    const after = await run(rotated, ABOUT);
    expect(before.out).toMatch(/^pseudonyms +of epoch 1; another epoch makes all pseudonyms new/m);
    expect(after.out).toMatch(/^pseudonyms +of epoch 7;/m);
    const { out } = await run(rotated, [...ABOUT, "--field", "/material", "--json"]);
    expect(JSON.parse(out).pseudonym).toEqual({ epoch: 7, domain: "/material" });
  });

  test("prints the schema of what the partner gets", async () => {
    const { out, code } = await run(withPolicy(), [...ABOUT, "--schema"]);
    const schema = JSON.parse(out);
    expect(code).toBe(0);
    expect(Object.keys(schema.properties)).toContain("material");
    expect(Object.keys(schema.properties)).not.toContain("demand");
  });

  test.each([
    [["explain"], "Name a contract"],
    [["explain", "demand"], "--partner"],
    [[...ABOUT, "--offset", "7"], "--offset goes with --decision"],
    [["explain", "--decision", "seven"], "no id"],
    [["explain", "--decision", "0123456789abcdef", "--offset", "-1"], "no whole number|not a whole number"],
  ])("%j is called wrongly", async (args, words) => {
    const ended = await run(withPolicy(), args);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toMatch(new RegExp(words));
  });
});
