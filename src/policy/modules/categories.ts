import { CATEGORIES } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { leavesOf } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { action, actionOf, perName, refused, settingsOf } from "../settings.ts";

const SETTINGS = perName(CATEGORIES, action);

/** Category → action. A field of several categories has to bear the actions of all. */
export const categories: PolicyModule = {
  name: "categories",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "What is done at least with the fields of a category.",
  compile(settings, { contract }) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const fields = leavesOf(contract.root).flatMap(({ path, categories: own }) =>
      own.flatMap((category) => {
        const demanded = given[category];
        return demanded === undefined ? [] : [{ path, action: actionOf(demanded) }];
      }),
    );
    return done({ fields });
  },
};
