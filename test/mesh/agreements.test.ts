import { beforeEach, describe, expect, test } from "vitest";
import { AGREEMENT_STATUSES, type AgreementStatus } from "../../src/kernel/agreement.ts";
import { digestOf } from "../../src/kernel/digest.ts";
import type { Json } from "../../src/kernel/json.ts";
import { AGREEMENT_ACTS, type AgreementAct } from "../../src/mesh/agreements.ts";
import { signAgreement, withStatus } from "../../src/tenants/agreement-file.ts";
import { changed } from "../tenants/company.ts";
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
} from "./two-companies.ts";

let two: Two;
let aurora: Company;
let helix: Company;
beforeEach(async () => {
  two = await twoCompanies();
  ({ aurora, helix } = two);
});

const refusal = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) });
/** Past its request an agreement has both signatures. */
const hold = async (company: Company, status: AgreementStatus): Promise<void> => {
  const asked = request(two);
  const known =
    status === "requested" ? asked : signAgreement(asked, aurora.keys, AURORA, "2026-12-15T12:00:00Z");
  await company.accept(agreementFiles(withStatus(known, status)));
};

/** Act → the states it is allowed in, and what comes of it. */
const LIFE: Readonly<Record<AgreementAct, Partial<Record<AgreementStatus, AgreementStatus>>>> = {
  approve: { requested: "approved", approved: "approved" },
  suspend: { approved: "suspended", active: "suspended", suspended: "suspended" },
  resume: { suspended: "approved", approved: "approved" },
  revoke: {
    requested: "revoked",
    approved: "revoked",
    active: "revoked",
    suspended: "revoked",
    revoked: "revoked",
  },
};
const CASES = AGREEMENT_ACTS.flatMap((act) =>
  AGREEMENT_STATUSES.map((from) => [act, from, LIFE[act][from] ?? "refused"] as const),
);

describe("the operator's acts", () => {
  test.each(CASES)("%s when %s: %s", async (act, from, to) => {
    await hold(aurora, from);
    const acting = aurora.agreements.act(AGREEMENT, act, "");
    if (to === "refused") await expect(acting).rejects.toEqual(refusal("CONFLICT", new RegExp(from)));
    else await expect(acting).resolves.toMatchObject({ status: to });
    expect(aurora.agreement()?.status).toBe(to === "refused" ? from : to);
    expect(await aurora.acts()).toHaveLength(to === "refused" || to === from ? 0 : 1);
  });

  test("a push is not approved while it is not said where to", async () => {
    const document = request(two, { delivery: "push" });
    await aurora.agreements.receive(HELIX, document);
    const approving = () => aurora.agreements.act(AGREEMENT, "approve", "");
    await expect(approving()).rejects.toEqual(refusal("CONFLICT", /helix has no `spec\.kafka`/));
    const [, ring] = await ringsOfBoth();
    const kafka = { brokers: ["kafka.helix.example:9093"], tls: {} };
    await aurora.accept(partnerFiles(HELIX, ring, { kafka }));
    await expect(approving()).resolves.toMatchObject({ status: "approved" });
  });

  test("an approval adds the publisher's signature to the subscriber's", async () => {
    await agreed(two);
    expect(aurora.agreement()?.signatures.map(({ company }) => company)).toEqual([HELIX, AURORA]);
  });

  test("the subscriber can't approve its own request", async () => {
    await hold(helix, "requested");
    await expect(helix.agreements.act(AGREEMENT, "approve", "")).rejects.toEqual(
      refusal("CONFLICT", /Only the publisher/),
    );
  });

  test("an act stands in the audit, with its reason, before it is in force", async () => {
    await agreed(two);
    await aurora.agreements.act(AGREEMENT, "revoke", "Contract with the supplier ended.");
    expect((await aurora.acts()).at(-1)).toEqual({
      kind: "act",
      act: "agreement.revoked",
      time: new Date(NOW).toISOString(),
      actor: "operator",
      partner: HELIX,
      agreement: AGREEMENT,
      contract: "material-demand@2.1.0",
      digest: digestOf(aurora.document()),
      note: "Contract with the supplier ended.",
    });
  });

  test("nothing changes when the audit can't be written", async () => {
    await hold(aurora, "requested");
    aurora.journal.isAway = true;
    await expect(aurora.agreements.act(AGREEMENT, "approve", "")).rejects.toEqual(
      expect.objectContaining({ code: "AUDIT_UNAVAILABLE" }),
    );
    expect(aurora.agreement()?.status).toBe("requested");
  });

  test("an agreement that is not there is NOT_FOUND", async () => {
    await expect(aurora.agreements.act(AGREEMENT, "revoke", "")).rejects.toEqual(
      refusal("NOT_FOUND", /no agreement/),
    );
  });
});

describe("a request that arrives", () => {
  test("is kept as requested, whatever it says of its own state", async () => {
    const document = withStatus(request(two), "approved");
    await expect(aurora.agreements.receive(HELIX, document)).resolves.toMatchObject({ status: "requested" });
    expect(aurora.agreement()?.status).toBe("requested");
    expect(await aurora.acts()).toMatchObject([{ act: "agreement.requested", actor: HELIX, partner: HELIX }]);
  });

  test("is one when it comes twice, and tells what became of it", async () => {
    await agreed(two);
    await expect(aurora.agreements.receive(HELIX, request(two))).resolves.toMatchObject({
      status: "approved",
    });
    expect(await aurora.acts()).toHaveLength(2);
  });

  const otherCompany = "urn:bpn:BPNL0000000OTHER";
  test.each<[string, () => Json, RegExp]>([
    ["signed by no party", () => request(two, { consumer: otherCompany }), /no party/],
    [
      "of another consumer",
      () => changed(request(two, { consumer: otherCompany }), "/signatures", []),
      /consumer/,
    ],
    ["to another provider", () => request(two, { provider: otherCompany }), /provider/],
    ["for an unknown contract", () => request(two, { contractName: "stock" }), /no such contract/],
    ["for another version", () => request(two, { contractVersion: "9.0.0" }), /no such contract/],
    [
      "on another text of the contract",
      () => request(two, { contractDigest: `sha-256:${"0".repeat(64)}` }),
      /digest/,
    ],
    [
      "for a purpose that the contract does not allow",
      () => request(two, { purpose: "cx.other" }),
      /purpose/,
    ],
    [
      "that has ended",
      () => request(two, { startTimestamp: "2026-01-01T00:00:00Z", endTimestamp: "2026-12-01T00:00:00Z" }),
      /ended/,
    ],
    [
      "that takes away what is not there",
      () => request(two, { narrow: { "/demandSeries/*/customerLocaton": { action: "drop" } } }),
      /lists no field .*customerLocaton/,
    ],
    ["that nobody signed", () => changed(request(two), "/signatures", []), /not signed/],
    [
      "that was changed after it was signed",
      () => changed(request(two), "/endTimestamp", "2029-11-30T23:59:59Z"),
      /not signed/,
    ],
    [
      "that the publisher signed in the subscriber's name",
      () =>
        signAgreement(changed(request(two), "/signatures", []), aurora.keys, HELIX, "2026-12-15T12:00:00Z"),
      /not signed/,
    ],
    ["that is no agreement", () => ({ kind: "AccessAgreement" }), /not valid/],
  ])("%s is refused and leaves nothing", async (_, document, words) => {
    await expect(aurora.agreements.receive(HELIX, document())).rejects.toEqual(
      refusal("REQUEST_INVALID", words),
    );
    expect(aurora.agreement()).toBeUndefined();
    expect(await aurora.acts()).toEqual([]);
  });

  test("under the id of another company's agreement is refused", async () => {
    await agreed(two);
    await expect(aurora.agreements.receive(otherCompany, request(two))).rejects.toEqual(
      refusal("CONFLICT", /taken/),
    );
  });

  test("under a known id with other terms is refused", async () => {
    await agreed(two);
    const wider = request(two, { endTimestamp: "2029-11-30T23:59:59Z" });
    await expect(aurora.agreements.receive(HELIX, wider)).rejects.toEqual(refusal("CONFLICT", /taken/));
  });
});

describe("what the publisher says of an agreement", () => {
  const said = (status: AgreementStatus): Json => withStatus(aurora.document(), status);
  const learn = async (document: Json) => await helix.agreements.learn(AGREEMENT, AURORA, document);

  test("an approval with both signatures counts", async () => {
    await agreed(two);
    await expect(learn(aurora.document())).resolves.toMatchObject({ status: "approved" });
    expect(helix.agreement()?.signatures).toHaveLength(2);
    expect((await helix.acts()).at(-1)).toMatchObject({ act: "agreement.approved", actor: AURORA });
  });

  test.each([
    ["the publisher", 0],
    ["the subscriber", 1],
  ])("an approval that lacks the signature of %s does not count", async (_, kept) => {
    await agreed(two);
    const { signatures } = aurora.document() as { readonly signatures: readonly Json[] };
    const document = changed(aurora.document(), "/signatures", [signatures[kept] ?? null]);
    await expect(learn(document)).rejects.toEqual(refusal("REQUEST_INVALID", /not signed/));
    expect(helix.agreement()?.status).toBe("requested");
  });

  test("other terms than ours are no answer, although the publisher signed them", async () => {
    await agreed(two);
    const terms = changed(aurora.document(), "/endTimestamp", "2029-11-30T23:59:59Z");
    const document = signAgreement(terms, aurora.keys, AURORA, "2026-12-15T12:00:00Z");
    await expect(learn(document)).rejects.toEqual(refusal("PARTNER_ANSWER_INVALID", /other terms/));
    expect(helix.agreement()?.status).toBe("requested");
  });

  test.each<AgreementStatus>(["suspended", "revoked", "expired", "rejected"])(
    "that it is %s counts as said, with our own terms and signatures",
    async (status) => {
      await agreed(two);
      await learn(said(status));
      expect(helix.agreement()).toMatchObject({ status, signatures: [{ company: HELIX }] });
    },
  );

  test("a suspension of the publisher ends when the publisher says so", async () => {
    await agreed(two);
    await learn(said("suspended"));
    await learn(said("approved"));
    expect(helix.agreement()?.status).toBe("approved");
  });

  test.each<AgreementStatus>(["revoked", "expired", "rejected"])(
    "nothing revives an agreement that is %s here, not even step by step",
    async (status) => {
      await agreed(two);
      await hold(helix, status);
      for (const other of AGREEMENT_STATUSES) await learn(said(other));
      expect(helix.agreement()?.status).toBe(status);
    },
  );

  test("a suspension by our own operator is not lifted by the publisher, but ended by it", async () => {
    await agreed(two);
    await learn(aurora.document());
    await helix.agreements.act(AGREEMENT, "suspend", "Stock-taking.");
    await learn(said("approved"));
    expect(helix.agreement()?.status).toBe("suspended");
    await learn(said("revoked"));
    expect(helix.agreement()?.status).toBe("revoked");
  });

  test("a revocation while the publisher's answer is being kept stands", async () => {
    await agreed(two);
    await Promise.all([learn(said("approved")), helix.agreements.act(AGREEMENT, "revoke", "")]);
    expect(helix.agreement()?.status).toBe("revoked");
    await learn(said("approved"));
    expect(helix.agreement()?.status).toBe("revoked");
  });
});

test("an agreement on a contract of the same text but another version stays apart", async () => {
  await aurora.accept(contractFiles(["version: 2.1.0", "version: 2.2.0"]));
  const document = request(two, { contractVersion: "2.1.0" });
  await expect(aurora.agreements.receive(HELIX, document)).rejects.toEqual(
    refusal("REQUEST_INVALID", /digest/),
  );
});
