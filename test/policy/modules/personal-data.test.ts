import { describe, expect, it } from "vitest";
import { contract, share, text } from "../sample.ts";
import { DROP, factsOf, rulesOf } from "./facts.ts";

const subject = contract({
  who: text(share, { categories: ["person"] }),
  phone: text(share, { categories: ["contact"] }),
  car: text(share, { categories: ["vehicle", "identifier"] }),
  driver: text(share, { categories: ["vehicle", "person"] }),
  part: text(share, { categories: ["identifier"] }),
});
const PSEUDONYMIZE = { action: "pseudonymize" };
const LEAVES = ["/who", "/phone", "/car", "/driver", "/part"];
const except = ["BPNL00000003AYRE", "BPNL00000007QWER"];

describe("personal-data", () => {
  it.each([
    [
      "drops persons and contacts, and gives vehicles pseudonyms",
      {},
      [
        ["/who", DROP],
        ["/phone", DROP],
        ["/car", PSEUDONYMIZE],
        ["/driver", DROP],
        ["/driver", PSEUDONYMIZE],
      ],
    ],
    [
      "does what the settings say instead",
      { person: "null", vehicle: { action: "prefix", length: 3 } },
      [
        ["/who", { action: "null" }],
        ["/phone", DROP],
        ["/car", { action: "prefix", length: 3 }],
        ["/driver", { action: "null" }],
        ["/driver", { action: "prefix", length: 3 }],
      ],
    ],
  ])("%s", (_, settings, fields) => {
    expect(rulesOf("personal-data", settings, factsOf(subject))).toEqual({
      fields: fields.map(([path, action]) => ({ path, action })),
      screens: [],
      envelopeScreens: [],
    });
  });

  it("looks through texts of any category, one screen for each outcome", () => {
    const settings = { find: { vin: "pseudonymize", email: "drop", phone: "drop" } };
    const screens = [
      { detectors: ["vin"], words: [], except, outcome: "pseudonymize" },
      { detectors: ["email", "phone"], words: [], except, outcome: "drop" },
    ];
    expect(rulesOf("personal-data", settings, factsOf(subject))).toMatchObject({
      screens: screens.flatMap((screen) => LEAVES.map((path) => ({ ...screen, path }))),
      envelopeScreens: screens,
    });
  });
});
