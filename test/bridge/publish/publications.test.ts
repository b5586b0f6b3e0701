import { beforeEach, describe, expect, test } from "vitest";
import type { Publication, Withheld } from "../../../src/bridge/publish/publication.ts";
import { Publications } from "../../../src/bridge/publish/publications.ts";
import { signAgreement, withStatus } from "../../../src/tenants/agreement-file.ts";
import {
  AGREEMENT,
  AURORA,
  agreed,
  agreementFiles,
  type Company,
  contractFiles,
  HELIX,
  NOW,
  partnerFiles,
  request,
  ringsOfBoth,
  type Two,
  twoCompanies,
} from "../../mesh/two-companies.ts";
import { changed, freshRing } from "../../tenants/company.ts";

let two: Two;
let aurora: Company;
let publications: Publications;
beforeEach(async () => {
  two = await agreed(await twoCompanies());
  ({ aurora } = two);
  publications = new Publications(aurora);
});
const current = (id = AGREEMENT): Publication | Withheld => publications.current(id);
const PURPOSES = `apiVersion: tiermesh/v1
kind: PolicyBundle
metadata: {name: baseline, version: 1.0.0}
spec: {direction: outbound, modules: [{use: purpose, with: {allow: {volume: [cx.puris.base]}}}]}
`;

describe("what is published under an agreement", () => {
  test("is its contract's topic by a plan compiled for this partner", () => {
    expect(current()).toMatchObject({
      agreement: { id: AGREEMENT },
      topic: "dcm.material-demand",
      contract: { name: "material-demand", version: "2.1.0" },
      route: { agreement: AGREEMENT, plan: { partner: HELIX, agreement: AGREEMENT, denials: [] } },
    });
  });

  test("is compiled once for each state of the registry, and anew when that changes", async () => {
    const before = current();
    expect(current()).toBe(before);
    const [, helix] = await ringsOfBoth();
    await aurora.accept(partnerFiles(HELIX, helix, { clearance: "internal" }));
    expect(current()).not.toBe(before);
  });

  test("keeps its account of what was sent when the registry changes: asking for something is no way round a quota", async () => {
    const before = current();
    await aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": PURPOSES } });
    const after = current();
    if ("withheld" in before || "withheld" in after) throw new Error("Both are published.");
    expect(after).not.toBe(before);
    expect(after.meter).toBe(before.meter);
  });

  test("follows a bundle that is accepted later", async () => {
    const before = current();
    await aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": PURPOSES } });
    const after = current();
    if ("withheld" in before || "withheld" in after) throw new Error("Both are published.");
    expect(after.route.plan.digest).not.toBe(before.route.plan.digest);
  });
});

describe("what a competitor of the subscriber gets", () => {
  const RIVAL = "urn:bpn:BPNL0000000RIVAL";
  const RIVALS = "8f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f11";
  const ANTITRUST = PURPOSES.replace("purpose, with: {allow: {volume: [cx.puris.base]}}", "antitrust");
  const rivalUntil = Date.UTC(2027, 0, 31);

  /** An agreement of the rival, signed by Aurora at that time. */
  async function rival(signedAt: string): Promise<void> {
    const ring = await freshRing();
    const [auroraRing, helixRing] = await ringsOfBoth();
    await aurora.accept(partnerFiles(RIVAL, ring, { name: "rival" }));
    await aurora.accept(partnerFiles(HELIX, helixRing, { competesWith: [RIVAL] }));
    const endTimestamp = new Date(rivalUntil).toISOString();
    const asked = request(two, { id: RIVALS, consumer: RIVAL, endTimestamp });
    const unsigned = changed(asked, "/signatures", []);
    const half = signAgreement(unsigned, ring, RIVAL, signedAt);
    const whole = signAgreement(half, auroraRing, AURORA, signedAt);
    await aurora.accept(agreementFiles(withStatus(whole, "approved")));
    await aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": ANTITRUST } });
  }

  test("withholds the younger agreement, by code and module, and not the older", async () => {
    await rival(new Date(NOW - 86_400_000).toISOString());
    expect(current()).toMatchObject({
      withheld: true,
      status: "denied",
      why: expect.stringMatching(/COMPETITOR by baseline\/antitrust: /),
    });
    expect(current(RIVALS)).not.toHaveProperty("withheld");
  });

  test("counts until its agreement ends, although the registry stays as it is", async () => {
    await rival(new Date(NOW - 86_400_000).toISOString());
    expect(current()).toHaveProperty("withheld");
    two.clock.advance(rivalUntil - NOW - 1);
    expect(current()).toHaveProperty("withheld");
    two.clock.advance(1);
    expect(current()).not.toHaveProperty("withheld");
  });

  test("does not count when it came later", async () => {
    await rival(new Date(NOW + 1_000).toISOString());
    expect(current()).not.toHaveProperty("withheld");
    expect(current(RIVALS)).toMatchObject({ why: expect.stringMatching(/COMPETITOR/) });
  });
});

describe("a contract on a received topic", () => {
  const REPLICA = ["physicalName: dcm.material-demand", "physicalName: helix.material-demand"] as const;

  test("is withheld when its publisher told nothing, or forbids to share it on", async () => {
    const back = await twoCompanies(contractFiles(REPLICA));
    const received = request(back, { id: "0f5d1c2a-3b1e-4f57-9c52-0a5a7a4f1f12" });
    const turned = changed(changed(received, "/provider/teamId", HELIX), "/consumer/teamId", AURORA);
    const about = back.aurora.registry.snapshot.contract("material-demand")?.ref.digest ?? "";
    const keep = async (told?: {
      readonly digest: string;
      readonly onwardSharing: "allowed" | "forbidden";
    }) => await back.aurora.agreements.requested(turned, told);
    await agreed(back).catch(() => undefined);
    await keep();
    const now = () => new Publications(back.aurora).current(AGREEMENT);
    expect(now()).toMatchObject({ status: "denied", why: expect.stringMatching(/ONWARD_SHARING/) });
    await keep({ digest: about, onwardSharing: "forbidden" });
    expect(now()).toMatchObject({ status: "denied" });
    await keep({ digest: about, onwardSharing: "allowed" });
    expect(now()).not.toHaveProperty("withheld");
  });
});

describe("nothing is published", () => {
  const withheld = (status: string, why: RegExp) => ({
    withheld: true,
    status,
    why: expect.stringMatching(why),
  });

  test("under an agreement that there is not", () => {
    expect(current("none")).toEqual(withheld("unknown", /no such agreement/));
  });

  test("under an agreement in which this company is the subscriber", () => {
    expect(new Publications(two.helix).current(AGREEMENT)).toEqual(withheld("unknown", /no such agreement/));
  });

  test.each(["requested", "rejected", "suspended", "revoked", "expired"] as const)(
    "under an agreement that is %s, although both have signed",
    async (status) => {
      await aurora.accept(agreementFiles(withStatus(aurora.document(), status)));
      expect(current()).toEqual(withheld(status, new RegExp(status)));
    },
  );

  test.each([0, 1])("under an approved agreement that lacks one signature (%i)", async (kept) => {
    const { signatures } = aurora.document() as { readonly signatures: readonly object[] };
    const one = changed(aurora.document(), "/signatures", [{ ...signatures[kept] }]);
    await aurora.accept(agreementFiles(one));
    expect(current()).toEqual(withheld("unsigned", /not signed by both/));
  });

  test("under terms that were changed after they were signed", async () => {
    const longer = changed(aurora.document(), "/endTimestamp", "2029-11-30T23:59:59Z");
    await aurora.accept(agreementFiles(longer));
    expect(current()).toEqual(withheld("unsigned", /not signed by both/));
  });

  test("to a subscriber whose card has other keys by now", async () => {
    await aurora.accept(partnerFiles(HELIX, await freshRing()));
    expect(current()).toEqual(withheld("unsigned", /not signed by both/));
  });

  test("on a contract of another text than was agreed on", async () => {
    await aurora.accept(contractFiles(["action: drop", "action: share"]));
    expect(current()).toEqual(withheld("denied", /CONTRACT_NOT_ACTIVE/));
  });

  test("on a contract that is retired", async () => {
    await aurora.accept(contractFiles(["status: active", "status: retired"]));
    expect(current()).toEqual(withheld("denied", /CONTRACT_NOT_ACTIVE/));
  });

  test("before its time and after it, although the registry stays as it is", () => {
    const at = (now: number) =>
      new Publications({ ...aurora, clock: { now: () => now, sleep: two.clock.sleep } }).current(AGREEMENT);
    expect(at(Date.UTC(2026, 10, 30))).toEqual(withheld("approved", /starts at 2026-12-01/));
    expect(at(NOW)).not.toHaveProperty("withheld");
    expect(at(Date.UTC(2027, 11, 1))).toEqual(withheld("expired", /ended at 2027-11-30/));
  });
});
