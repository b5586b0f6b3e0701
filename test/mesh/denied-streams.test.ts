import { beforeEach, describe, expect, test } from "vitest";
import { applyProposal, type Proposal } from "../../src/mesh/changes.ts";
import { withStatus } from "../../src/tenants/agreement-file.ts";
import {
  AGREEMENT,
  agreed,
  agreementFiles,
  type Company,
  contractFiles,
  request,
  type Two,
  twoCompanies,
} from "./two-companies.ts";

let two: Two;
let aurora: Company;
beforeEach(async () => {
  two = await twoCompanies();
  ({ aurora } = two);
});

const bundle = (modules: string, mode = "enforced"): Proposal => ({
  kind: "PolicyBundle",
  main: "baseline.yaml",
  files: {
    "baseline.yaml": `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: baseline, version: 1.0.0}
spec: {direction: outbound, mode: ${mode}, modules: [${modules}]}
`,
  },
});
const EXPORT = "{use: export-control, with: {allow: [FR], unclassified: allow}}";
const apply = async (proposal: Proposal, dry = false) => await applyProposal(proposal, dry, aurora);

describe("applying what would deny a stream that flows", () => {
  const warning = {
    severity: "warning",
    file: "baseline.yaml",
    rule: "policy.stream-denied",
    message: expect.stringMatching(
      /^helix gets nothing of material-demand any more: EXPORT_DENIED by baseline\/export-control: /,
    ),
  };

  test("warns, with partner, code and module, and does what was asked", async () => {
    await agreed(two);
    expect((await apply(bundle(EXPORT), true)).warnings).toEqual([expect.objectContaining(warning)]);
    const { outcome, warnings } = await apply(bundle(EXPORT));
    expect([outcome, warnings]).toEqual(["created", [expect.objectContaining(warning)]]);
    expect(aurora.registry.snapshot.find("PolicyBundle", "baseline")).toBeDefined();
  });

  test("says nothing of what was denied before, nor of what flows on", async () => {
    await agreed(two);
    await apply(bundle(EXPORT));
    const wider = bundle(`${EXPORT}, {use: limits, with: {depthMax: 8}}`);
    expect((await apply(wider)).warnings).toEqual([]);
    expect((await apply(contractFiles(["version: 2.1.0", "version: 2.2.0"]))).warnings).toEqual([]);
  });

  test("says nothing of a bundle in shadow mode, nor of agreements that are not in force", async () => {
    await agreed(two);
    expect((await apply(bundle(EXPORT, "shadow"))).warnings).toEqual([]);
    await aurora.accept(agreementFiles(withStatus(aurora.document(), "suspended")));
    expect((await apply(bundle(EXPORT))).warnings).toEqual([]);
  });
});

describe("an agreement that policy denies whole", () => {
  const refused = expect.objectContaining({
    code: "CONFLICT",
    message: expect.stringMatching(
      /nothing would flow: EXPORT_DENIED by baseline\/export-control: .* stays /,
    ),
  });

  test("is not approved: code and module are told, and nothing is written", async () => {
    await apply(bundle(EXPORT));
    await aurora.accept(agreementFiles(request(two)));
    await expect(aurora.agreements.act(AGREEMENT, "approve", "")).rejects.toEqual(refused);
    expect(aurora.agreement()?.status).toBe("requested");
    expect((await aurora.acts()).map(({ act }) => act)).toEqual(["policy.accepted"]);
  });

  test("is not resumed either, and can still be suspended and revoked", async () => {
    await agreed(two);
    await apply(bundle(EXPORT));
    await aurora.agreements.act(AGREEMENT, "suspend", "");
    await expect(aurora.agreements.act(AGREEMENT, "resume", "")).rejects.toEqual(refused);
    await expect(aurora.agreements.act(AGREEMENT, "revoke", "")).resolves.toMatchObject({
      status: "revoked",
    });
  });

  test("is approved when only a bundle in shadow mode would deny it", async () => {
    await apply(bundle(EXPORT, "shadow"));
    await expect(agreed(two)).resolves.toBeDefined();
    expect(aurora.agreement()?.status).toBe("approved");
  });
});
