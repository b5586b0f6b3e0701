import { beforeEach, describe, expect, test } from "vitest";
import { applyProposal, type Proposal } from "../../src/mesh/changes.ts";
import { signAgreement, withStatus } from "../../src/tenants/agreement-file.ts";
import { makeCard } from "../../src/tenants/card.ts";
import { AURORA, changed, freshRing, HELIX } from "../tenants/company.ts";
import {
  AGREEMENT,
  agreed,
  agreementFiles,
  type Company,
  contractFiles,
  NOW,
  partnerFiles,
  request,
  ringsOfBoth,
  type Two,
  twoCompanies,
} from "./two-companies.ts";

let two: Two;
let aurora: Company;
beforeEach(async () => {
  two = await twoCompanies();
  ({ aurora } = two);
});

const apply = async (proposal: Proposal, dry = false, company = aurora) =>
  await applyProposal(proposal, dry, company);
const conflict = (words: RegExp) =>
  expect.objectContaining({ code: "CONFLICT", message: expect.stringMatching(words) });
const other = contractFiles(["version: 2.1.0", "version: 2.2.0"]);
const bundle = (text: string): Proposal => ({
  kind: "PolicyBundle",
  main: "baseline.yaml",
  files: { "baseline.yaml": text },
});
const BUNDLE = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: baseline, version: 1.0.0}
spec: {direction: outbound, modules: [{use: classification-ceiling, with: {otherwise: drop}}]}
`;

describe("applying a file", () => {
  test("puts it in force, and its audit record names digest, kind and name", async () => {
    await expect(apply(other)).resolves.toMatchObject({
      kind: "DataContract",
      name: "material-demand@2.2.0",
      outcome: "created",
      differences: [],
    });
    expect(aurora.registry.snapshot.contract("material-demand@2.2.0")).toBeDefined();
    expect(await aurora.acts()).toEqual([
      {
        kind: "act",
        act: "contract.accepted",
        time: new Date(NOW).toISOString(),
        actor: "operator",
        contract: "material-demand@2.2.0",
        digest: expect.stringMatching(/^sha-256:/),
        note: "DataContract material-demand@2.2.0",
      },
    ]);
  });

  test("twice is once", async () => {
    await apply(other);
    await expect(apply(other)).resolves.toMatchObject({ outcome: "unchanged", differences: [] });
    expect(await aurora.acts()).toHaveLength(1);
  });

  test("dry says the same and writes nothing", async () => {
    await expect(apply(other, true)).resolves.toMatchObject({ outcome: "created" });
    expect(aurora.registry.snapshot.contract("material-demand@2.2.0")).toBeUndefined();
    expect(await aurora.acts()).toEqual([]);
  });

  test("tells the places that differ, and never what stands there", async () => {
    await apply(bundle(BUNDLE));
    const after = BUNDLE.replace("version: 1.0.0", "version: 1.1.0").replace("drop", "'null'");
    const change = await apply(bundle(after));
    expect(change).toMatchObject({
      outcome: "changed",
      differences: ["~ /metadata/version", "~ /spec/modules/0/with/otherwise"],
    });
  });

  test("leaves nothing in force when the audit can't be written", async () => {
    aurora.journal.isAway = true;
    await expect(apply(other)).rejects.toEqual(expect.objectContaining({ code: "AUDIT_UNAVAILABLE" }));
    expect(aurora.registry.snapshot.contract("material-demand@2.2.0")).toBeUndefined();
  });

  test("that is not valid is refused with the first problem's place and the number of others", async () => {
    const broken = contractFiles(["status: active", "status: lively"], ["type: topic", "type: pipe"]);
    await expect(apply(broken)).rejects.toEqual(
      expect.objectContaining({
        code: "DOCUMENT_INVALID",
        message: expect.stringMatching(/^contract\.odcs\.yaml:\d+:\d+: /),
      }),
    );
  });
});

describe("a partner's Kafka", () => {
  const kafka = (topicPrefix: string) => ({ brokers: ["kafka.helix.example:9093"], tls: {}, topicPrefix });

  test("keeps the prefix of its topics while a stream is pushed there", async () => {
    const [, ring] = await ringsOfBoth();
    await apply(partnerFiles(HELIX, ring, { kafka: kafka("a.") }));
    await apply(partnerFiles(HELIX, ring, { kafka: kafka("b.") }));
    await agreed(two, { delivery: "push" });
    await expect(apply(partnerFiles(HELIX, ring, { kafka: kafka("c.") }))).rejects.toEqual(
      conflict(/keep `topicPrefix`/),
    );
  });
});

describe("a contract", () => {
  test("of another company is refused", async () => {
    const theirs = contractFiles([AURORA, "urn:bpn:BPNL0000000OTHER"], ["2.1.0", "2.2.0"]);
    await expect(apply(theirs)).rejects.toEqual(conflict(/tenant is urn:bpn:BPNL0000000OTHER/));
  });

  const edited = contractFiles(["action: share", "action: drop"]);
  test("that an agreement stands on can't change under the same version", async () => {
    await agreed(two);
    await expect(apply(edited)).rejects.toEqual(conflict(/1 agreement\(s\) stand on material-demand@2.1.0/));
    await expect(apply(edited, true)).rejects.toEqual(conflict(/new version/));
  });

  test("may change while no agreement stands on it, or once all have ended", async () => {
    await expect(apply(edited, true)).resolves.toMatchObject({ outcome: "changed" });
    await agreed(two);
    await aurora.agreements.act(AGREEMENT, "revoke", "");
    await expect(apply(edited)).resolves.toMatchObject({ outcome: "changed" });
  });

  test("may change while agreements stand on a partner's contract of the same name", async () => {
    const { helix } = await agreed(two);
    await apply(contractFiles([AURORA, HELIX]), false, helix);
    const own = contractFiles([AURORA, HELIX], ["action: share", "action: drop"]);
    await expect(apply(own, false, helix)).resolves.toMatchObject({ outcome: "changed" });
  });

  test("may change in its comments while agreements stand on it", async () => {
    await agreed(two);
    const { files, ...rest } = contractFiles();
    const commented = { ...files, "contract.odcs.yaml": `# Reviewed.\n${files["contract.odcs.yaml"]}` };
    await expect(apply({ ...rest, files: commented })).resolves.toMatchObject({
      outcome: "changed",
      differences: [],
    });
  });
});

describe("a partner", () => {
  test("is told by its local name besides its URN", async () => {
    const [, helix] = await ringsOfBoth();
    await expect(apply(partnerFiles(HELIX, helix), true)).resolves.toMatchObject({
      name: HELIX,
      title: "helix",
    });
    expect(await apply(other, true)).not.toHaveProperty("title");
  });

  test("with a key of another company is refused", async () => {
    const [, helix] = await ringsOfBoth();
    const imposter = partnerFiles("urn:bpn:BPNL0000000OTHER", helix, { name: "other" });
    await expect(apply(imposter)).rejects.toEqual(conflict(/key or a pin of urn:bpn:BPNL00000007QWER/));
  });

  test("that is this company is refused", async () => {
    const [ring] = await ringsOfBoth();
    await expect(apply(partnerFiles(AURORA, ring))).rejects.toEqual(conflict(/this company's own/));
  });

  test("under a name that is taken is refused", async () => {
    const files = partnerFiles("urn:bpn:BPNL0000000OTHER", await freshRing(), { name: "helix" });
    await expect(apply(files)).rejects.toEqual(conflict(/name is taken/));
  });

  test("with a new card that its old keys did not sign is refused", async () => {
    const stranger = partnerFiles(HELIX, await freshRing(), { serial: 2 });
    await expect(apply(stranger)).rejects.toEqual(conflict(/not signed by a key of the accepted one/));
    expect(aurora.registry.snapshot.partner("helix")?.card.serial).toBe(1);
  });

  test("may get another clearance, and a newer card of its own", async () => {
    const [, helix] = await ringsOfBoth();
    await apply(partnerFiles(HELIX, helix, { clearance: "internal" }));
    await apply(partnerFiles(HELIX, helix, { serial: 2 }));
    expect(aurora.registry.snapshot.partner("helix")).toMatchObject({
      clearance: "confidential",
      card: { serial: 2 },
    });
    await expect(apply(partnerFiles(HELIX, helix))).rejects.toEqual(conflict(/older/));
    expect((await aurora.acts()).map(({ act, partner }) => [act, partner])).toEqual([
      ["partner.accepted", HELIX],
      ["partner.accepted", HELIX],
    ]);
  });

  test("keeps its name while agreements stand: replica topics are called by it", async () => {
    const [ring] = await ringsOfBoth();
    const { helix } = await agreed(two);
    const renamed = partnerFiles(AURORA, ring, { name: "aurora-motors", serial: 2 });
    await expect(apply(renamed, false, helix)).rejects.toEqual(conflict(/name/));
    await helix.agreements.act(AGREEMENT, "revoke", "");
    await expect(apply(renamed, false, helix)).resolves.toMatchObject({ outcome: "changed" });
  });

  test("is refused when its card is not the one with the fingerprint", async () => {
    const files = partnerFiles(HELIX, await freshRing());
    const swapped = makeCard(await freshRing(), {
      id: HELIX,
      name: "helix",
      url: "https://helix.example:8443",
      serial: 2,
      issuedAt: "2026-11-22T09:00:00Z",
    });
    const proposal = { ...files, files: { ...files.files, "card.json": JSON.stringify(swapped) } };
    await expect(apply(proposal)).rejects.toEqual(expect.objectContaining({ code: "DOCUMENT_INVALID" }));
  });
});

describe("an agreement that comes as a file", () => {
  test("is received by its publisher as if it had come over the wire", async () => {
    await expect(apply(agreementFiles(withStatus(request(two), "approved")))).resolves.toMatchObject({
      name: AGREEMENT,
      outcome: "created",
    });
    expect(aurora.agreement()?.status).toBe("requested");
    expect(await aurora.acts()).toMatchObject([{ act: "agreement.requested", actor: HELIX }]);
  });

  test("teaches its subscriber what the publisher signed", async () => {
    const { helix } = await agreed(two);
    await apply(agreementFiles(aurora.document()), false, helix);
    expect(helix.agreement()?.status).toBe("approved");
  });

  test("is refused unsigned, and when it is between others", async () => {
    const unsigned = changed(request(two), "/signatures", []);
    await expect(apply(agreementFiles(unsigned))).rejects.toEqual(
      expect.objectContaining({ code: "REQUEST_INVALID" }),
    );
    const others = request(two, { provider: "urn:bpn:BPNL0000000OTHER" });
    await expect(apply(agreementFiles(others))).rejects.toEqual(conflict(/between other companies/));
  });

  test("can't approve itself with a signature of the publisher that is none", async () => {
    const { helix } = two;
    await helix.agreements.requested(request(two));
    const forged = signAgreement(request(two), helix.keys, AURORA, new Date(NOW).toISOString());
    await expect(apply(agreementFiles(withStatus(forged, "approved")), false, helix)).rejects.toEqual(
      expect.objectContaining({ code: "REQUEST_INVALID" }),
    );
    expect(helix.agreement()?.status).toBe("requested");
  });
});
