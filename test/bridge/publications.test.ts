import { beforeEach, describe, expect, test } from "vitest";
import type { Publication, Withheld } from "../../src/bridge/publication.ts";
import { Publications } from "../../src/bridge/publications.ts";
import { withStatus } from "../../src/tenants/agreement-file.ts";
import {
  AGREEMENT,
  agreed,
  agreementFiles,
  type Company,
  contractFiles,
  HELIX,
  NOW,
  partnerFiles,
  ringsOfBoth,
  type Two,
  twoCompanies,
} from "../mesh/two-companies.ts";
import { changed, freshRing } from "../tenants/company.ts";

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

  test("follows a bundle that is accepted later", async () => {
    const before = current();
    await aurora.accept({ kind: "PolicyBundle", main: "b.yaml", files: { "b.yaml": PURPOSES } });
    const after = current();
    if ("withheld" in before || "withheld" in after) throw new Error("Both are published.");
    expect(after.route.plan.digest).not.toBe(before.route.plan.digest);
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
