import type { FieldAction } from "../../kernel/action.ts";
import { ACTION_SCHEMA, actionFrom } from "../../kernel/action-settings.ts";
import { CATEGORIES } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { leavesOf } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { isCategory, refused, settingsOf } from "../settings.ts";

/** Category → action. A field of several categories has to bear the actions of all. */
export const categories: PolicyModule = {
  name: "categories",
  version: "1.0.0",
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(CATEGORIES.map((category) => [category, ACTION_SCHEMA])),
  },
  describe: "What is done at least with the fields of a category.",
  compile(settings, { contract }) {
    const given = settingsOf(settings, CATEGORIES);
    if (given === undefined) return refused;
    const actions = new Map<string, FieldAction>();
    for (const [category, value] of Object.entries(given)) {
      const action = actionFrom(value);
      if (action === undefined || !isCategory(category)) return refused;
      actions.set(category, action);
    }
    const fields = leavesOf(contract.root).flatMap(({ path, categories: own }) =>
      own.flatMap((category) => {
        const action = actions.get(category);
        return action === undefined ? [] : [{ path, action }];
      }),
    );
    return done({ fields });
  },
};
