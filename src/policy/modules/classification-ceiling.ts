import { ACTION_SCHEMA, actionFrom } from "../../kernel/action-settings.ts";
import { CLASSIFICATIONS } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { demandAbove } from "../rulings.ts";
import { isClassification, refused, settingsOf } from "../settings.ts";

/** `{max?, otherwise?}`: without `max` the partner's clearance, which holds in any case and drops. */
export const classificationCeiling: PolicyModule = {
  name: "classification-ceiling",
  version: "1.0.0",
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    properties: { max: { enum: CLASSIFICATIONS }, otherwise: ACTION_SCHEMA },
  },
  describe: "Fields classified above the partner's clearance, or above `max`, do not leave as they are.",
  compile(settings, facts) {
    const given = settingsOf(settings, ["max", "otherwise"]);
    if (given === undefined) return refused;
    const { max = facts.partner.clearance, otherwise = "drop" } = given;
    const action = actionFrom(otherwise);
    if (action === undefined || !isClassification(max)) return refused;
    return done({ fields: demandAbove(facts, max, action) });
  },
};
