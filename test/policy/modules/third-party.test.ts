import { describe, expect, it } from "vitest";
import { contract, partner, share, text } from "../sample.ts";
import { factsOf, rulesOf } from "./facts.ts";

const COMPANIES = {
  "urn:bpn:BPNL00000004KEST": ["Kestrel", "BPNS0000000KES01"],
  "urn:bpn:BPNL00000007QWER": ["Helix Systems", "BPNS0000000QWR02"],
  "urn:bpn:BPNL00000003AYRE": ["BPNS0000000AYR01"],
  borealis: ["Borealis"],
};
const PARTIES = ["BPNL00000003AYRE", "BPNL00000007QWER"];
const subject = contract({ supplier: text(share), kept: text({ action: "drop" }) });

const DEFAULT = { detectors: ["bpn", "gln"], words: [], except: PARTIES, outcome: "pseudonymize" };

describe("third-party", () => {
  it.each([
    ["looks for company numbers without settings", {}, {}, DEFAULT],
    [
      "looks for what other companies are called, and passes over what is the parties' own",
      { companies: COMPANIES },
      {},
      {
        ...DEFAULT,
        words: ["BPNL00000004KEST", "Kestrel", "BPNS0000000KES01", "Borealis"],
        except: [...PARTIES, "Helix Systems", "BPNS0000000QWR02", "BPNS0000000AYR01"],
      },
    ],
    [
      "takes our own name of the partner for the partner",
      { companies: { helix: ["Helix"], borealis: ["Borealis"] }, detectors: ["gln"], otherwise: "deny" },
      {},
      { detectors: ["gln"], words: ["Borealis"], except: [...PARTIES, "Helix"], outcome: "deny" },
    ],
    [
      "does not believe the name that a card gives itself",
      { companies: { Kestrel: ["Kestrel"] } },
      { partner: partner({ card: { ...partner().card, name: "Kestrel" } }) },
      { ...DEFAULT, words: ["Kestrel"] },
    ],
    [
      "knows companies by other numbers too",
      { companies: { "urn:duns:123456789": [], "urn:gln:4012345000009": ["Kiln"] } },
      {},
      { ...DEFAULT, words: ["123456789", "4012345000009", "Kiln"] },
    ],
  ])("%s", (_, settings, facts, screen) => {
    expect(rulesOf("third-party", settings, factsOf(subject, facts))).toEqual({
      screens: [{ ...screen, path: "/supplier" }],
      envelopeScreens: [screen],
    });
  });

  it("demands nothing where nothing is looked for", () => {
    expect(
      rulesOf("third-party", { detectors: [], companies: { helix: ["Helix"] } }, factsOf(subject)),
    ).toEqual({});
  });
});
