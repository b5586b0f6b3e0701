import { beforeAll, expect, test } from "vitest";
import { Folder } from "../../../src/cli/folder.ts";
import { companyFacts } from "../../../src/cli/preview/company-facts.ts";
import { AURORA, agreement, type Companies, companies, HELIX } from "../aurora.ts";
import { kept } from "../kept.ts";
import { folderWith } from "../program.ts";

const NOW = Date.parse("2026-11-22T09:00:00Z");
const [PAST, LATER] = ["2020-01-01T00:00:00Z", "2029-01-01T00:00:00Z"];
const ID = "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f10";
const OTHER = "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f11";

let both: Companies;
beforeAll(async () => {
  both = await companies();
});

/** What rules may ask about `demand` under the agreement ID, in a folder with these files besides. */
function facts(files: Readonly<Record<string, string>>) {
  const { context } = kept(folderWith({ ...both.files, ...files }));
  const folder = new Folder(context.cwd, context);
  return companyFacts(folder, folder.contract("demand").value, ID, NOW, context);
}
const signed = (change: Readonly<Record<string, unknown>>): string =>
  agreement(PAST, LATER, [[both.aurora, AURORA]], change);

test("who else gets something is what the folder's other agreements say, with what their contracts hold", () => {
  const found = facts({
    "agreements/own.yaml": signed({}),
    "agreements/other.yaml": signed({ id: OTHER }),
    "agreements/unsigned.yaml": agreement(PAST, LATER, [], { id: OTHER.replace("11", "12") }),
    "agreements/broken.yaml": "kind: AccessAgreement\n",
  });
  expect(found.others).toMatchObject([
    { id: OTHER, partner: { id: HELIX, name: "helix" }, contract: "demand", categories: ["volume", "price"] },
  ]);
  expect(found.received).toBeUndefined();
});

test("of a contract and a partner that are not there the worst is taken", () => {
  const change = { id: OTHER, contractName: "gone", consumer: "urn:x-other:1" };
  const [found] = facts({ "agreements/other.yaml": signed(change) }).others;
  expect(found?.partner).toEqual({ id: "urn:x-other:1", name: "urn:x-other:1", competesWith: [] });
  expect(found?.categories).toContain("capacity");
});

test("a contract on a replica topic was received, and nobody knows here that it may be passed on", () => {
  const contract = (both.files["contracts/demand/contract.odcs.yaml"] ?? "").replace(
    "dcm.demand",
    "in.helix.parts",
  );
  const gateway = `${both.files["gateway.yaml"] ?? ""}`.replace(
    "spec:",
    "spec:\n  replicas: { prefix: in. }",
  );
  const change = { id: OTHER, provider: HELIX, consumer: AURORA, contractName: "parts" };
  const files = { "contracts/demand/contract.odcs.yaml": contract, "agreements/in.yaml": signed(change) };
  const received = { from: HELIX, contract: "parts", onwardSharing: "forbidden" };
  expect(facts({ ...files, "gateway.yaml": gateway }).received).toEqual(received);
  expect(facts(files).received).toBeUndefined();
});
