import type { ContractField } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { DETECTORS, SCREEN_OUTCOMES } from "../../kernel/screen.ts";
import { leavesOf } from "../field-tree.ts";
import type { PlanFacts, PolicyModule } from "../module.ts";
import { canHoldText, idsOfParties, type ScreenDemand, screensOn } from "../screened-fields.ts";
import { hostSuffix, listOf, members, oneOf, refused, settingsOf, type ValueOf, word } from "../settings.ts";

const PLACES = ["free-text", "uncategorised", "everywhere"] as const;

/** Which fields count as free text, besides that they can hold text. */
const COUNTS: Readonly<Record<(typeof PLACES)[number], (field: ContractField) => boolean>> = {
  "free-text": ({ categories }) => categories.includes("free-text"),
  uncategorised: ({ categories }) => categories.length === 0 || categories.includes("free-text"),
  everywhere: () => true,
};

/** Company numbers are no fault of a text as such: `third-party` rules them. */
const LOOKED_FOR = DETECTORS.filter((each) => each !== "bpn" && each !== "gln");

const SCREEN = members({
  detectors: listOf(oneOf(DETECTORS)),
  words: listOf(word),
  hosts: listOf(hostSuffix),
  canaries: listOf(word),
  otherwise: oneOf(SCREEN_OUTCOMES),
});
const SETTINGS = members({ where: oneOf(PLACES), screen: SCREEN });

/**
 * `{where?, screen?}`. Without `screen` such texts are dropped. With it they are looked through: what the detectors, `words`
 * or `hosts` find gets `otherwise` (default `drop`); a canary denies the record.
 */
export const freeText: PolicyModule = {
  name: "free-text",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Texts without a form of their own stay, or leave only where nothing is found in them.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { where = "free-text", screen } = given;
    const counts = COUNTS[where];
    if (screen === undefined) {
      const texts = leavesOf(facts.contract.root).filter((field) => canHoldText(field) && counts(field));
      return done({ fields: texts.map(({ path }) => ({ path, action: { action: "drop" } })) });
    }
    const screens = screensFrom(screen, facts);
    return done({
      screens: screens.flatMap((each) => screensOn(facts.contract, each, counts)),
      envelopeScreens: where === "everywhere" ? screens : [],
    });
  },
};

function screensFrom(look: ValueOf<typeof SCREEN>, facts: PlanFacts): readonly ScreenDemand[] {
  const { detectors = LOOKED_FOR, words = [], hosts = [], canaries = [], otherwise = "drop" } = look;
  // A dot in front has a letter before it in every host name, and would never be found.
  const suffixes = hosts.map((host) => host.replace(/^\*?\./, ""));
  const except = idsOfParties(facts);
  const screens: readonly ScreenDemand[] = [
    { detectors, words: [...words, ...suffixes], except, outcome: otherwise },
    { detectors: [], words: canaries, except: [], outcome: "deny" },
  ];
  return screens.filter((each) => each.detectors.length > 0 || each.words.length > 0);
}
