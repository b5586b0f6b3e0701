import { beforeAll, describe, expect, test } from "vitest";
import type { RegistryEntry } from "../../../src/mesh/registry/entry.ts";
import { readEntry, Snapshot, TOLD_CONTRACT } from "../../../src/mesh/registry/snapshot.ts";
import type { KeyRing } from "../../../src/tenants/keys.ts";
import {
  AGREEMENT,
  agreed,
  agreementFiles,
  contractFiles,
  HELIX,
  partnerFiles,
  ringsOfBoth,
  twoCompanies,
} from "../two-companies.ts";

let ring: KeyRing;
beforeAll(async () => {
  [, ring] = await ringsOfBoth();
});

type Files = Pick<RegistryEntry, "kind" | "main" | "files">;
function holding(...all: readonly Files[]): Snapshot {
  let snapshot = new Snapshot();
  for (const files of all) {
    const { registered } = readEntry(files);
    if (registered === undefined) throw new Error("The files are sound.");
    const accepted = { acceptedAt: "2026-12-15T12:00:00.000Z", acceptedBy: "operator" };
    snapshot = snapshot.with({ ...files, name: registered.name, ...accepted }, registered);
  }
  return snapshot;
}

describe("reading an entry", () => {
  test("names each kind by what its files say", async () => {
    const two = await agreed(await twoCompanies());
    const names = [contractFiles(), partnerFiles(HELIX, ring), agreementFiles(two.aurora.document())].map(
      (files) => readEntry(files).registered?.name,
    );
    expect(names).toEqual(["material-demand@2.1.0", HELIX, AGREEMENT]);
  });

  test("takes companions from the entry alone", () => {
    const { files, ...rest } = contractFiles();
    const lonely = { ...rest, files: { "contract.odcs.yaml": files["contract.odcs.yaml"] ?? "" } };
    const { registered, problems } = readEntry(lonely);
    expect(registered).toBeUndefined();
    expect(problems.some(({ severity }) => severity === "error")).toBe(true);
  });

  test("believes what was told of a contract only when it is the one that was agreed on", async () => {
    const document = (await agreed(await twoCompanies())).aurora.document();
    const { files, ...rest } = agreementFiles(document);
    const toldOf = (text: string) => {
      const { registered } = readEntry({ ...rest, files: { ...files, [TOLD_CONTRACT]: text } });
      return registered?.kind === "AccessAgreement" ? registered.told : undefined;
    };
    const { registered } = readEntry({ ...rest, files });
    const digest = registered?.kind === "AccessAgreement" ? registered.value.contractDigest : "";
    expect(toldOf(JSON.stringify({ digest, onwardSharing: "allowed" }))?.onwardSharing).toBe("allowed");
    expect(toldOf(JSON.stringify({ digest, onwardSharing: "Allowed" }))?.onwardSharing).toBe("forbidden");
    expect(toldOf(JSON.stringify({ digest: "sha-256:x", onwardSharing: "allowed" }))).toBeUndefined();
    for (const text of ["{", "[]", "null", '{"onwardSharing":"allowed"}'])
      expect(toldOf(text)).toBeUndefined();
    expect(registered).toMatchObject({ told: undefined });
  });

  test("finds no companion in what every object has", () => {
    const files = contractFiles(["file: payload.schema.json", "file: toString"]);
    expect(readEntry(files).registered).toBeUndefined();
  });

  test("reports every problem of the file with its place", () => {
    const { problems } = readEntry(contractFiles(["status: active", "status: lively"]));
    expect(problems[0]).toMatchObject({ file: "contract.odcs.yaml", line: expect.any(Number) });
  });

  test("of a main file that is not there is a problem, not a failure", () => {
    expect(readEntry({ kind: "PolicyBundle", main: "absent.yaml", files: {} }).registered).toBeUndefined();
  });
});

describe("a snapshot", () => {
  test("is never changed, only replaced", () => {
    const before = holding(contractFiles());
    const after = before.without("DataContract/material-demand@2.1.0");
    expect([before.all("DataContract").length, after.all("DataContract").length]).toEqual([1, 0]);
  });

  test("finds a partner by name or URN, and nobody by another kind's name", () => {
    const snapshot = holding(partnerFiles(HELIX, ring), contractFiles());
    expect(snapshot.partner("helix")).toBe(snapshot.partner(HELIX));
    expect(snapshot.partner("helix")?.card.id).toBe(HELIX);
    expect(snapshot.partner("material-demand@2.1.0")).toBeUndefined();
    expect(snapshot.find("Partner", "material-demand@2.1.0")).toBeUndefined();
  });

  test("gives a contract by its version, and by its name the newest that is active", () => {
    const draft = contractFiles(["version: 2.1.0", "version: 3.0.0"], ["status: active", "status: draft"]);
    const newer = contractFiles(["version: 2.1.0", "version: 2.2.0"]);
    const snapshot = holding(contractFiles(), newer, draft);
    expect(snapshot.contract("material-demand")?.ref.version).toBe("2.2.0");
    expect(snapshot.contract("material-demand@2.1.0")?.ref.version).toBe("2.1.0");
    expect(snapshot.contract("material-demand@3.0.0")?.status).toBe("draft");
    expect(snapshot.contract("stock")).toBeUndefined();
  });

  test("finds an agreement by the beginning of its id when only one begins so", async () => {
    const two = await agreed(await twoCompanies());
    const document = two.aurora.document() as Readonly<Record<string, string>>;
    const twin = agreementFiles({ ...document, id: `${AGREEMENT.slice(0, 8)}-0000-4000-8000-000000000000` });
    const other = agreementFiles({ ...document, id: "11111111-0000-4000-8000-000000000000" });
    const snapshot = holding(agreementFiles(document), twin, other);
    expect(snapshot.agreement(AGREEMENT)?.name).toBe(AGREEMENT);
    expect(snapshot.agreement("1111")?.name).toMatch(/^1111/);
    expect(snapshot.agreement("111")).toBeUndefined();
    expect(snapshot.agreement(AGREEMENT.slice(0, 8))).toBeUndefined();
    expect(snapshot.agreement("")).toBeUndefined();
  });
});
