import { done } from "../../kernel/result.ts";
import type { ModuleRules, PolicyModule } from "../module.ts";
import { members, oneOf, refused, settingsOf } from "../settings.ts";

const SETTINGS = members({
  received: oneOf(["deny", "label"]),
  published: oneOf(["forbidden", "as-contract"]),
});

/** What is done with a stream that we received ourselves, where its publisher allows to pass it on. */
const RECEIVED: Readonly<Record<"deny" | "label", ModuleRules>> = {
  deny: { denials: [{ code: "ONWARD_SHARING" }] },
  label: { onwardSharing: "forbidden" },
};

/** `{received?, published?}`. What a publisher forbids is denied by the engine, with or without this module. */
export const onwardSharing: PolicyModule = {
  name: "onward-sharing",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "What we received is not passed on, or no further than to the next; what we publish ends there.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { received = "deny", published = "as-contract" } = given;
    const label: ModuleRules = published === "forbidden" ? { onwardSharing: "forbidden" } : {};
    return done({ ...label, ...(facts.received === undefined ? {} : RECEIVED[received]) });
  },
};
