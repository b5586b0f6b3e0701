import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bodyOf, findProposals } from "../../src/cli/proposals.ts";
import { AURORA, agreement, CONTRACT, type Companies, companies } from "./aurora.ts";
import { folderWith } from "./program.ts";

const BUNDLE = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: baseline, version: 1.0.0}
spec: {direction: outbound, modules: [{use: classification-ceiling, with: {otherwise: drop}}]}
`;

let both: Companies;
beforeAll(async () => {
  both = await companies();
});
/** What is found under paths of a folder with these files. */
function found(files: Readonly<Record<string, string>>, ...paths: readonly string[]) {
  const cwd = folderWith(files);
  const { proposals, cards, problems } = findProposals(paths, { cwd, env: () => undefined });
  return {
    mains: proposals.map(({ kind, main }) => `${kind} ${main}`),
    proposals,
    cards: cards.map((card) => card.replace(join(cwd, "/"), "")),
    rules: problems.map(({ file, rule }) => `${file} ${rule}`),
  };
}

describe("the proposals of a company's folder", () => {
  test("are its partners, bundles, contracts and agreements, in the order in which they stand on one another", () => {
    const files = {
      ...both.files,
      "agreements/a.yaml": agreement("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
      "policies/baseline.yaml": BUNDLE,
    };
    const { mains, cards, rules } = found(files, ".");
    expect(mains).toEqual([
      "Partner helix.yaml",
      "PolicyBundle baseline.yaml",
      "DataContract contract.odcs.yaml",
      "AccessAgreement a.yaml",
    ]);
    expect([cards, rules]).toEqual([[], []]);
  });

  test("hold what the files read beside them, and nothing else", () => {
    const { proposals } = found({ ...both.files, "contracts/demand/notes.json": "{}" }, "contracts");
    const schema = both.files["contracts/demand/payload.schema.json"];
    expect(proposals.map(bodyOf)).toEqual([
      {
        kind: "DataContract",
        main: "contract.odcs.yaml",
        files: { "contract.odcs.yaml": CONTRACT, "payload.schema.json": schema },
      },
    ]);
  });

  test("are there once, however often they are named", () => {
    const file = "contracts/demand/contract.odcs.yaml";
    expect(found(both.files, file, "contracts", ".", file).mains).toEqual([
      "Partner helix.yaml",
      "DataContract contract.odcs.yaml",
    ]);
  });
});

describe("a card", () => {
  const card = () => both.files["partners/helix.card.yaml"] ?? "";

  test("that is nobody's yet is found apart, named or below a folder", () => {
    expect(found({ "in/helix.card.yaml": card() }, "in").cards).toEqual(["in/helix.card.yaml"]);
    expect(found({ "helix.card.yaml": card() }, "helix.card.yaml").cards).toEqual(["helix.card.yaml"]);
  });

  test("that is the company's own, or a partner's file names, is passed over below a folder and taken when named", () => {
    expect(found(both.files, ".").cards).toEqual([]);
    const named = ["card.yaml", "partners/helix.card.yaml"];
    expect(found(both.files, ".", ...named).cards).toEqual(named);
    expect(found(both.files, ...named, ".").cards).toEqual(named);
  });
});

describe("what is wrong", () => {
  test("with a file is told for all files at once, each by the name that the caller gave", () => {
    const broken = {
      ...both.files,
      "contracts/demand/contract.odcs.yaml": CONTRACT.replace("mesh.headers", "mesh.haeders"),
      "partners/helix.yaml": "kind: [unclosed\n",
    };
    const { rules } = found(broken, "contracts", "partners/helix.yaml");
    expect(rules).toContain("contracts/demand/contract.odcs.yaml mesh.unknown-key");
    expect(rules.join()).toContain("partners/helix.yaml file.");
  });

  test("with a file that is named: another kind, or none, can't be applied", () => {
    const files = { ...both.files, "note.yaml": "title: none\n", "typo.yaml": "kind: DataContrat\n" };
    expect(found(files, "gateway.yaml", "note.yaml", "typo.yaml").rules).toEqual([
      "gateway.yaml apply.kind",
      "note.yaml file.kind",
      "typo.yaml file.kind",
    ]);
  });

  test("with a file below a folder: only what means to be of a kind is told", () => {
    const files = {
      "cases/one.yaml": "name: A case\n",
      "typo.yaml": "kind: DataContrat\n",
      "silent.yaml": "apiVersion: v3.1.0\n",
    };
    expect(found({ ...both.files, ...files }, ".").rules).toEqual([
      "silent.yaml file.kind",
      "typo.yaml file.kind",
    ]);
  });

  test("with a path where nothing is, is a refusal that names it", () => {
    expect(() => found(both.files, "contarcts")).toThrow("contarcts is not there, or not readable.");
  });

  test("is not said of a contract of another company: the gateway knows who it is", () => {
    const theirs = CONTRACT.replace(AURORA, "urn:bpn:BPNL0000000OTHER");
    const files = { ...both.files, "contracts/demand/contract.odcs.yaml": theirs };
    expect(found(files, "contracts").rules).toEqual([]);
  });
});
