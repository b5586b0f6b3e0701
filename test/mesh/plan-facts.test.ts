import { describe, expect, test } from "vitest";
import type { Agreement } from "../../src/kernel/agreement.ts";
import { CATEGORIES } from "../../src/kernel/contract.ts";
import { type CompanyFiles, factsAbout, type KnownAgreement } from "../../src/mesh/plan-facts.ts";
import { replicaTopic } from "../../src/mesh/replica-topic.ts";
import { AURORA, agreement, contract, HELIX, NOW, number, partner, share, text } from "../policy/sample.ts";

const RIVAL = "urn:bpn:BPNL0000000RIVAL";
const SIGNED = "2026-12-01T10:00:00.000Z";
const subject = contract({
  volume: number(share, { categories: ["volume"] }),
  sites: { types: ["array"], categories: ["location"], elements: { members: { price: text(share) } } },
  hidden: text({ action: "drop" }, { categories: ["price"] }),
});
const rival = partner({ name: "rival", card: { ...partner().card, id: RIVAL }, competesWith: [HELIX] });
const signed = (by: string, signedAt = SIGNED) => ({ company: by, kid: "k", signedAt, jws: "" });
const given = (changed: Partial<Agreement>, told?: KnownAgreement["told"]): KnownAgreement => ({
  value: agreement({ id: "other", consumer: RIVAL, signatures: [signed(RIVAL), signed(AURORA)], ...changed }),
  told,
});
const company = (agreements: readonly KnownAgreement[], changed: Partial<CompanyFiles> = {}) => ({
  owner: AURORA,
  topicPrefix: "mesh.",
  contracts: [subject],
  partners: [partner(), rival],
  agreements,
  ...changed,
});
const othersOf = (...agreements: readonly KnownAgreement[]) =>
  factsAbout(subject, agreement().id, company(agreements), NOW).others;

describe("who else gets something", () => {
  test("is named with competitors, categories of all fields, and the time of our signature", () => {
    expect(othersOf(given({}))).toEqual([
      {
        id: "other",
        partner: { id: RIVAL, name: "rival", competesWith: [HELIX] },
        contract: "material-demand",
        categories: ["volume", "price", "location"],
        approvedAt: Date.parse(SIGNED),
      },
    ]);
  });

  test.each([
    ["approved", 1],
    ["active", 1],
    ["suspended", 1],
    ["revoked", 0],
    ["expired", 0],
    ["rejected", 0],
  ] as const)("counts an agreement that is %s: %i", (status, count) => {
    expect(othersOf(given({ status }))).toHaveLength(count);
  });

  test.each([
    ["the one that the plan is for", { id: agreement().id }],
    ["one that has ended by its time", { endsAt: NOW }],
    ["one that we have not signed", { signatures: [signed(RIVAL)] }],
    ["one in which we receive", { provider: RIVAL, consumer: AURORA }],
  ])("leaves out %s", (_, changed) => {
    expect(othersOf(given(changed))).toEqual([]);
  });

  test("is taken to get everything where the contract is not here any more, and to be first where the time can't be read", () => {
    expect(othersOf(given({ contractVersion: "1.0.0" }))).toMatchObject([{ categories: CATEGORIES }]);
    expect(othersOf(given({ signatures: [signed(AURORA, "soon")] }))).toMatchObject([{ approvedAt: 0 }]);
  });

  test("is known by its URN alone when its card is gone", () => {
    const { others } = factsAbout(subject, undefined, company([given({})], { partners: [] }), NOW);
    expect(others).toMatchObject([{ partner: { id: RIVAL, name: RIVAL, competesWith: [] } }]);
  });
});

describe("a received stream", () => {
  const replica = contract({}, { topic: replicaTopic("mesh.", "rival", "stock") });
  const digest = "sha-256:d";
  const source = (changed: Partial<Agreement>, told?: KnownAgreement["told"]) =>
    given({ provider: RIVAL, consumer: AURORA, contractName: "stock", ...changed }, told);
  const allowed = { digest, onwardSharing: "allowed" } as const;
  const forbidden = { digest, onwardSharing: "forbidden" } as const;
  const receivedOf = (topic: typeof replica, ...agreements: readonly KnownAgreement[]) =>
    factsAbout(topic, undefined, company(agreements), NOW).received;

  test("is one whose replica the contract's topic is, with what its publisher told", () => {
    const received = { from: RIVAL, contract: "stock" };
    expect(receivedOf(replica, source({}, allowed))).toEqual({ ...received, onwardSharing: "allowed" });
    expect(receivedOf(replica, source({}, forbidden))).toEqual({ ...received, onwardSharing: "forbidden" });
  });

  test("of which nothing was told may not be shared", () => {
    expect(receivedOf(replica, source({}))?.onwardSharing).toBe("forbidden");
  });

  test("may not be shared when one of two that wrote the topic forbids it", () => {
    const both = [source({ id: "a" }, allowed), source({ id: "b", status: "revoked" }, forbidden)];
    expect(receivedOf(replica, ...both)?.onwardSharing).toBe("forbidden");
  });

  test("stays one when its agreement has ended: the topic holds it still", () => {
    expect(receivedOf(replica, source({ status: "expired", endsAt: 0 }, forbidden))).toBeDefined();
  });

  test("is none under another topic, another prefix, or when we are its publisher", () => {
    expect(receivedOf(subject, source({}))).toBeUndefined();
    expect(receivedOf({ ...replica, topic: "rival.stock" }, source({}))).toBeUndefined();
    expect(receivedOf(replica, given({ contractName: "stock" }))).toBeUndefined();
  });
});
