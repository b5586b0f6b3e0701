import { ACTION_SCHEMA, actionFrom, isMembers } from "../../kernel/action-settings.ts";
import { CATEGORIES } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import { leavesOf } from "../field-tree.ts";
import type { PolicyModule } from "../module.ts";
import { isCategory, isTextList, refused, settingsOf } from "../settings.ts";

/** `{allow: {category: [purpose…]}, otherwise?}`: categories that are not listed are free. */
export const purpose: PolicyModule = {
  name: "purpose",
  version: "1.0.0",
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    required: ["allow"],
    properties: {
      allow: {
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(
          CATEGORIES.map((category) => [category, { type: "array", items: { type: "string" } }]),
        ),
      },
      otherwise: ACTION_SCHEMA,
    },
  },
  describe: "Fields of a category leave for the purposes named, and for no other.",
  compile(settings, { contract, purpose: asked }) {
    const given = settingsOf(settings, ["allow", "otherwise"]);
    const action = actionFrom(given?.otherwise ?? "drop");
    if (!isMembers(given?.allow) || action === undefined) return refused;
    const closed = new Set<string>();
    for (const [category, purposes] of Object.entries(given.allow)) {
      if (!isCategory(category) || !isTextList(purposes)) return refused;
      if (!purposes.includes(asked)) closed.add(category);
    }
    const fields = leavesOf(contract.root)
      .filter(({ categories }) => categories.some((category) => closed.has(category)))
      .map(({ path }) => ({ path, action }));
    return done({ fields });
  },
};
