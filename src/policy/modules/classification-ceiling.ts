import { CLASSIFICATIONS } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { demandAbove } from "../rulings.ts";
import { action, actionOf, members, oneOf, refused, settingsOf } from "../settings.ts";

const SETTINGS = members({ max: oneOf(CLASSIFICATIONS), otherwise: action });

/** `{max?, otherwise?}`: without `max` the partner's clearance, which holds in any case and drops. */
export const classificationCeiling: PolicyModule = {
  name: "classification-ceiling",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Fields classified above the partner's clearance, or above `max`, do not leave as they are.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { max = facts.partner.clearance, otherwise } = given;
    return done({ fields: demandAbove(facts, max, actionOf(otherwise)) });
  },
};
