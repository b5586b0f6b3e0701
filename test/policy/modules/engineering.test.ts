import { describe, expect, it } from "vitest";
import type { PlanFacts } from "../../../src/policy/module.ts";
import { agreement, contract, number, share, text } from "../sample.ts";
import { DROP, factsOf, rulesOf } from "./facts.ts";

const subject = contract({ torque: number(share, { categories: ["engineering"] }), part: text(share) });
const PURPOSES = ["cx.engineering.base"];

const facts = (
  parameters: Readonly<Record<string, string | readonly string[]>>,
  purpose = "cx.engineering.base",
): Partial<PlanFacts> => ({ purpose, agreement: agreement({ purpose, parameters }) });

const OPEN: readonly (readonly [string, object, Partial<PlanFacts>])[] = [
  ["for the purpose, with a reference", { purposes: PURPOSES }, facts({ nda: "NDA-7" })],
  [
    "with one reference of several",
    { purposes: PURPOSES, accepted: ["NDA-7"] },
    facts({ nda: ["x", "NDA-7"] }),
  ],
  [
    "by another parameter",
    { purposes: PURPOSES, nda: "contractReference" },
    facts({ contractReference: "7" }),
  ],
];

const CLOSED: readonly (readonly [string, object, Partial<PlanFacts>])[] = [
  ["for another purpose", { purposes: PURPOSES }, facts({ nda: "NDA-7" }, "cx.dcm.base")],
  ["for no purpose at all", { purposes: [] }, facts({ nda: "NDA-7" })],
  ["without a reference", { purposes: PURPOSES }, facts({})],
  ["with a blank one", { purposes: PURPOSES }, facts({ nda: [" ", ""] })],
  ["with one that is not accepted", { purposes: PURPOSES, accepted: ["NDA-7"] }, facts({ nda: "NDA-8" })],
  ["with one under another name", { purposes: PURPOSES, nda: "reference" }, facts({ nda: "NDA-7" })],
  ["by what every object has", { purposes: PURPOSES, nda: "constructor" }, facts({})],
  ["in a preview without an agreement", { purposes: PURPOSES }, { ...facts({}), agreement: undefined }],
];

describe("engineering data", () => {
  it.each(OPEN)("leaves %s", (_, settings, changed) => {
    expect(rulesOf("engineering", { ...settings }, factsOf(subject, changed))).toEqual({});
  });

  it.each(CLOSED)("stays %s", (_, settings, changed) => {
    expect(rulesOf("engineering", { ...settings }, factsOf(subject, changed))).toEqual({
      fields: [{ path: "/torque", action: DROP }],
    });
  });

  it("gets what the settings say instead", () => {
    const settings = { purposes: [], otherwise: { action: "band", edges: [0, 10] } };
    expect(rulesOf("engineering", settings, factsOf(subject))).toEqual({
      fields: [{ path: "/torque", action: settings.otherwise }],
    });
  });
});
