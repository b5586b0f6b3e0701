import type { Category } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { SCREEN_OUTCOMES } from "../../kernel/screen.ts";
import { leavesOf } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { idsOfParties, type ScreenDemand, screensOn } from "../screened-fields.ts";
import {
  type ActionSetting,
  action,
  actionOf,
  members,
  oneOf,
  perName,
  refused,
  settingsOf,
} from "../settings.ts";

/** Category → what becomes of it when the settings say nothing else. */
const DEFAULTS = { person: "drop", contact: "drop", vehicle: "pseudonymize" } as const;
const PERSONAL = ["person", "contact", "vehicle"] as const satisfies readonly Category[];
const DETECTORS = ["email", "phone", "vin", "iban", "payment-card"] as const;

const SETTINGS = members({
  person: action,
  contact: action,
  vehicle: action,
  find: perName(DETECTORS, oneOf(SCREEN_OUTCOMES)),
});

/** `{person?, contact?, vehicle?, find?}`. `find`: detector → what becomes of any text in which it finds something. */
export const personalData: PolicyModule = {
  name: "personal-data",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Persons, contacts and vehicles do not leave as they are, nor texts in which such data is found.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { find = {}, ...rest } = given;
    const actions: Readonly<Record<(typeof PERSONAL)[number], ActionSetting>> = { ...DEFAULTS, ...rest };
    const fields = leavesOf(facts.contract.root).flatMap(({ path, categories }) =>
      PERSONAL.filter((category) => categories.includes(category)).map((category) => ({
        path,
        action: actionOf(actions[category]),
      })),
    );
    const screens = SCREEN_OUTCOMES.flatMap((outcome): readonly ScreenDemand[] => {
      const detectors = DETECTORS.filter((detector) => find[detector] === outcome);
      return detectors.length === 0 ? [] : [{ detectors, words: [], except: idsOfParties(facts), outcome }];
    });
    return done({
      fields,
      screens: screens.flatMap((screen) => screensOn(facts.contract, screen)),
      envelopeScreens: screens,
    });
  },
};
