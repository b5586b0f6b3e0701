import { describe, expect, it } from "vitest";
import type { OtherAgreement, PlanFacts } from "../../../src/policy/module.ts";
import { AURORA, agreement, contract, HELIX, number, partner, share, text } from "../sample.ts";
import { DROP, factsOf, KESTREL, otherAgreement, rulesOf } from "./facts.ts";

const subject = contract({
  demand: number(share, { categories: ["volume"] }),
  price: number({ action: "drop" }, { categories: ["price"] }),
  part: text(share, { categories: ["identifier"] }),
});
const plain = contract({ part: text(share), price: number({ action: "drop" }, { categories: ["price"] }) });

const signed = (signedAt: string, company = AURORA) =>
  agreement({ signatures: [{ company, kid: "k", jws: "j", signedAt }] });
const OCTOBER = "2026-10-01T00:00:00Z";

const rival: Partial<PlanFacts> = {
  partner: partner({ competesWith: ["kestrel"] }),
  others: [otherAgreement()],
};
const second: Partial<PlanFacts> = { ...rival, agreement: signed("2026-11-01T00:00:00Z") };
const ofRival = (changed: Partial<OtherAgreement>): Partial<PlanFacts> => ({
  ...second,
  others: [otherAgreement(changed)],
});

/** Who is refused, and why. */
const DENIED: readonly (readonly [string, object, Partial<PlanFacts>])[] = [
  ["by our name of the competitor", {}, second],
  ["by its URN", {}, { ...second, partner: partner({ competesWith: [KESTREL] }) }],
  [
    "by what the competitor's file says of the partner's name",
    {},
    {
      ...ofRival({ partner: { id: KESTREL, name: "kestrel", competesWith: ["helix"] } }),
      partner: partner(),
    },
  ],
  [
    "by what it says of the partner's URN",
    {},
    { ...ofRival({ partner: { id: KESTREL, name: "kestrel", competesWith: [HELIX] } }), partner: partner() },
  ],
  ["for another of the categories than the competitor has", {}, ofRival({ categories: ["capacity"] })],
  ["in a preview without an agreement", {}, { ...rival, agreement: undefined }],
  ["while we have not signed", {}, { ...rival, agreement: signed("2020-01-01T00:00:00Z", HELIX) }],
  ["when nobody can read when we signed", {}, { ...rival, agreement: signed("yesterday") }],
  ["when nobody knows when the other was signed", {}, ofRival({ approvedAt: Number.NaN })],
  [
    "when both were signed at once, and the other's id comes first",
    {},
    { ...rival, agreement: signed(OCTOBER) },
  ],
  [
    "when one of several competitors is older",
    {},
    { ...second, others: [otherAgreement({ approvedAt: Date.UTC(2027, 0) }), otherAgreement()] },
  ],
];

const FREE: readonly (readonly [string, object, Partial<PlanFacts>])[] = [
  ["who has no competitors", {}, { ...second, partner: partner() }],
  ["whose competitors get nothing", {}, { ...second, others: [] }],
  ["whose competitors get other things", {}, ofRival({ categories: ["quality"] })],
  ["in categories that nobody guards", { categories: ["price"] }, second],
  [
    "who has an agreement on another contract itself, though its file names it by mistake",
    {},
    {
      ...ofRival({ partner: { id: HELIX, name: "helix", competesWith: [] } }),
      partner: partner({ competesWith: ["helix"] }),
    },
  ],
  ["who was approved first", {}, { ...rival, agreement: signed("2026-09-30T23:59:59Z") }],
  [
    "who was approved at once, with the id that comes first",
    {},
    { ...ofRival({ id: "ffffffff-3b1e-4f57-9c52-0a5a7a4f1f10" }), agreement: signed(OCTOBER) },
  ],
  ["to whom no such field leaves", {}, { ...second, contract: plain }],
];

describe("antitrust", () => {
  it.each(DENIED)("denies the later of two competitors %s", (_, settings, changed) => {
    expect(rulesOf("antitrust", { ...settings }, factsOf(subject, changed))).toMatchObject({
      denials: [{ code: "COMPETITOR" }],
      fields: [],
    });
  });

  it.each(FREE)("leaves a partner alone %s", (_, settings, changed) => {
    const rules = rulesOf("antitrust", { ...settings }, factsOf(subject, changed));
    expect(rules).toMatchObject({ fields: [] });
    expect(rules).not.toHaveProperty("denials");
  });

  it("takes the fields away where it need not deny the stream", () => {
    expect(rulesOf("antitrust", { otherwise: "drop" }, factsOf(subject, second))).toEqual({
      age: { leastMs: 0 },
      fields: [{ path: "/demand", action: DROP }],
    });
  });

  it("holds such streams back for days, and no others", () => {
    const settings = { minimumAgeDays: 2 };
    expect(rulesOf("antitrust", settings, factsOf(subject))).toEqual({
      age: { leastMs: 172_800_000 },
      fields: [],
    });
    expect(rulesOf("antitrust", settings, factsOf(plain))).toEqual({ fields: [] });
  });

  it("makes fields coarser, whoever else gets them", () => {
    const coarser = { action: "round", multiple: 1000, mode: "floor" } as const;
    expect(
      rulesOf("antitrust", { coarseness: { volume: coarser, price: "null" } }, factsOf(subject)),
    ).toMatchObject({
      fields: [{ path: "/demand", action: coarser }],
    });
  });
});
