import { beforeAll, describe, expect, test } from "vitest";
import { Folder, openFolder } from "../../src/cli/folder.ts";
import { ProblemsFound, Refusal } from "../../src/cli/refusal.ts";
import { AURORA, agreement, CONTRACT, type Companies, companies, HELIX } from "./aurora.ts";
import { kept } from "./kept.ts";
import { folderWith } from "./program.ts";

let both: Companies;
beforeAll(async () => {
  both = await companies();
});

function folder(more: Readonly<Record<string, string>> = {}): Folder {
  const path = folderWith({ ...both.files, ...more });
  return new Folder(path, kept(path).context);
}
const schema = () => ({
  "contracts/next/payload.schema.json": both.files["contracts/demand/payload.schema.json"] ?? "",
});
const next = (status: string) => ({
  ...schema(),
  "contracts/next/contract.odcs.yaml": CONTRACT.replace("version: 1.0.0", "version: 2.0.0").replace(
    "status: active",
    `status: ${status}`,
  ),
});

describe("a company's folder", () => {
  test("holds the gateway, the card, keys, contracts, partners and agreements", () => {
    const whole = folder({ "agreements/a.yaml": agreement("2020-01-01T00:00:00Z", "2029-01-01T00:00:00Z") });
    expect(whole.gateway.company).toBe(AURORA);
    expect(whole.card.id).toBe(AURORA);
    expect(whole.keys.publicKeys.map(({ kid }) => kid)).toEqual(whole.card.keys.map(({ kid }) => kid));
    expect(whole.contract("demand").file).toBe("contracts/demand/contract.odcs.yaml");
    expect(whole.partner("helix")).toEqual(whole.partner(HELIX));
    expect(whole.agreements("demand", HELIX)).toHaveLength(1);
    expect(whole.agreements("demand", AURORA)).toEqual([]);
    expect(whole.bundles).toEqual([]);
  });

  test("names a contract by name, id, version or path; of several versions the active one is meant", () => {
    const drafted = folder(next("draft"));
    for (const name of ["demand", "demand@1.0.0", "contracts/demand/contract.odcs.yaml"])
      expect([name, drafted.contract(name).value.ref.version]).toEqual([name, "1.0.0"]);
    expect(drafted.contract("demand@2.0.0").value.ref.version).toBe("2.0.0");
    expect(() => folder(next("active")).contract("demand")).toThrow(/stands in .* and /);
  });

  test("without what is asked for says what there is", () => {
    expect(() => folder().contract("other")).toThrow("other is none of demand@1.0.0.");
    expect(() => folder().partner("other")).toThrow("other is none of helix.");
    const path = folderWith({});
    const empty = new Folder(path, kept(path).context);
    expect(() => empty.contract("demand")).toThrow("There is none at all");
    expect(() => empty.gateway).toThrow(Refusal);
    expect(empty.hasKeys).toBe(false);
    expect(() => openFolder("nowhere", kept(path).context)).toThrow(Refusal);
  });

  test("with a broken file stops only what needs it, and a policy stops all", () => {
    const broken = folder({
      "contracts/broken/contract.odcs.yaml": "a: [",
      "partners/broken.yaml": "a: [",
      "policies/broken.json": "{",
    });
    expect(broken.contract("demand").value.ref.name).toBe("demand");
    expect(broken.partner("helix").name).toBe("helix");
    expect(() => broken.contract("other")).toThrow(ProblemsFound);
    expect(() => broken.partner("other")).toThrow(ProblemsFound);
    expect(() => broken.bundles).toThrow(ProblemsFound);
  });
});
