import { done } from "../../kernel/result.ts";
import { leavesOf } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { action, actionOf, members, refused, settingsOf } from "../settings.ts";

const SETTINGS = members({ otherwise: action });

/** `{otherwise?}`: for whom prices stay is said by `when`. */
export const prices: PolicyModule = {
  name: "prices",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Prices, costs and currencies do not leave as they are.",
  compile(settings, { contract }) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const priced = leavesOf(contract.root).filter(({ categories }) => categories.includes("price"));
    return done({ fields: priced.map(({ path }) => ({ path, action: actionOf(given.otherwise) })) });
  },
};
