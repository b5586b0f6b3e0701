import { done } from "../../kernel/result.ts";
import { SCREEN_OUTCOMES } from "../../kernel/screen.ts";
import { isCompanyId, localId } from "../../kernel/uri.ts";
import type { PlanFacts, PolicyModule } from "../module.ts";
import { idsOfParties, type ScreenDemand, screensOn } from "../screened-fields.ts";
import { byName, listOf, members, name, oneOf, refused, settingsOf, word } from "../settings.ts";

const DETECTORS = ["bpn", "gln"] as const;

const SETTINGS = members({
  companies: byName(name, listOf(word)),
  detectors: listOf(oneOf(DETECTORS)),
  otherwise: oneOf(SCREEN_OUTCOMES),
});

/**
 * `{companies?, detectors?, otherwise?}`. `companies`: URN, or our name of a partner → what the company, its sites and places
 * are called. What belongs to the two parties may leave; all else that is found counts as a third party's.
 */
export const thirdParty: PolicyModule = {
  name: "third-party",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe:
    "Numbers and names of companies that are neither party do not leave as they are, wherever they stand.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { companies = {}, detectors = DETECTORS, otherwise = "pseudonymize" } = given;
    const known = Object.entries(companies);
    const own = known.filter(([company]) => isParty(company, facts)).flatMap(([, texts]) => texts);
    const others = known
      .filter(([company]) => !isParty(company, facts))
      .flatMap(([company, texts]) => (isCompanyId(company) ? [localId(company), ...texts] : texts));
    const screen: ScreenDemand = {
      detectors,
      words: others,
      except: [...idsOfParties(facts), ...own],
      outcome: otherwise,
    };
    if (screen.detectors.length === 0 && others.length === 0) return done({});
    return done({ screens: screensOn(facts.contract, screen), envelopeScreens: [screen] });
  },
};

/** By what we call it or by its URN, never by the name that it gives itself on its card. */
const isParty = (company: string, { contract, partner }: PlanFacts): boolean =>
  company === contract.owner || company === partner.card.id || company === partner.name;
