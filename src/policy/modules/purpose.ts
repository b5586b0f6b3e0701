import { CATEGORIES } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { leavesOf } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { action, actionOf, listOf, members, name, perName, refused, settingsOf } from "../settings.ts";

const SETTINGS = members({ allow: perName(CATEGORIES, listOf(name)), otherwise: action }, ["allow"]);

/** `{allow: {category: [purpose…]}, otherwise?}`: categories that are not listed are free. */
export const purpose: PolicyModule = {
  name: "purpose",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Fields of a category leave for the purposes named, and for no other.",
  compile(settings, { contract, purpose: asked }) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { allow, otherwise } = given;
    const closed = CATEGORIES.filter((category) => allow[category]?.includes(asked) === false);
    const fields = leavesOf(contract.root)
      .filter(({ categories }) => categories.some((category) => closed.includes(category)))
      .map(({ path }) => ({ path, action: actionOf(otherwise) }));
    return done({ fields });
  },
};
