import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { members, oneOf, refused, settingsOf } from "../settings.ts";

const SETTINGS = members({ action: oneOf(["deny"]) }, ["action"]);

/** `{action: deny}`: that they pass is up to the contract; a module can only stop them. */
export const tombstones: PolicyModule = {
  name: "tombstones",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Deletions do not leave.",
  compile(settings) {
    const given = settingsOf(settings, SETTINGS);
    return given === undefined ? refused : done({ tombstones: given.action });
  },
};
