import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/kernel/json.ts";
import type { DetectorName } from "../../../src/kernel/screen.ts";
import type { ScreenDemand } from "../../../src/policy/screened-fields.ts";
import { contract, number, share, text } from "../sample.ts";
import { DROP, factsOf, rulesOf } from "./facts.ts";

const subject = contract({
  comment: text(share, { categories: ["free-text"] }),
  plain: text(share),
  id: text(share, { categories: ["identifier"] }),
  day: text(share, { check: { format: "date" } }),
  count: number(share),
  any: { action: share },
});
const except = ["BPNL00000003AYRE", "BPNL00000007QWER"];
const DETECTORS: readonly DetectorName[] = [
  "email",
  "phone",
  "iban",
  "payment-card",
  "vin",
  "private-key",
  "token",
  "internal-host",
];

type Look = readonly [
  state: string,
  screen: Json,
  screens: readonly ScreenDemand[],
  paths: readonly string[],
];

describe("free text", () => {
  it.each([
    ["of that category alone", {}, ["/comment"]],
    ["and what has no category", { where: "uncategorised" }, ["/comment", "/plain", "/any"]],
    ["wherever it may stand", { where: "everywhere" }, ["/comment", "/plain", "/id", "/any"]],
  ])("stays, %s", (_, settings, paths) => {
    expect(rulesOf("free-text", settings, factsOf(subject))).toEqual({
      fields: paths.map((path) => ({ path, action: DROP })),
    });
  });

  it.each<Look>([
    [
      "for all that is no company's number",
      {},
      [{ detectors: DETECTORS, words: [], except, outcome: "drop" }],
      ["/comment"],
    ],
    [
      "for words and the ends of host names",
      {
        detectors: [],
        words: ["Project Nightjar"],
        hosts: ["*.corp.example", ".lan", "plant.example"],
        otherwise: "null",
      },
      [
        {
          detectors: [],
          words: ["Project Nightjar", "corp.example", "lan", "plant.example"],
          except,
          outcome: "null",
        },
      ],
      ["/comment"],
    ],
    [
      "for canaries, which deny the record",
      { detectors: ["token"], canaries: ["tm-canary-1"] },
      [
        { detectors: ["token"], words: [], except, outcome: "drop" },
        { detectors: [], words: ["tm-canary-1"], except: [], outcome: "deny" },
      ],
      ["/comment"],
    ],
    ["for nothing", { detectors: [] }, [], []],
  ])("is looked through %s", (_, screen, screens, paths) => {
    expect(rulesOf("free-text", { screen }, factsOf(subject))).toEqual({
      screens: screens.flatMap((each) => paths.map((path) => ({ ...each, path }))),
      envelopeScreens: [],
    });
  });

  it("is looked through in key, headers and attributes too, where it is looked through everywhere", () => {
    const settings = { where: "everywhere", screen: { detectors: ["token"] } };
    const screen = { detectors: ["token"], words: [], except, outcome: "drop" };
    expect(rulesOf("free-text", settings, factsOf(subject))).toEqual({
      screens: ["/comment", "/plain", "/id", "/any"].map((path) => ({ ...screen, path })),
      envelopeScreens: [screen],
    });
  });
});
