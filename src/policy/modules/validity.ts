import type { Json } from "../../kernel/json.ts";
import { done } from "../../kernel/result.ts";
import { instantOf } from "../civil-date.ts";
import type { PolicyModule } from "../module.ts";
import { refused, settingsOf } from "../settings.ts";

const MS_PER_DAY = 86_400_000;

/** `{notBefore?, notAfter?, maxDays?}`; without an agreement `maxDays` counts from nowhere, and says nothing. */
export const validity: PolicyModule = {
  name: "validity",
  version: "1.0.0",
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    properties: {
      notBefore: { type: "string", format: "date-time" },
      notAfter: { type: "string", format: "date-time" },
      maxDays: { type: "integer", minimum: 1 },
    },
  },
  describe: "Nothing leaves before, after, or more than so many days after the agreement's start.",
  compile(settings, { agreement }) {
    const given = settingsOf(settings, ["notBefore", "notAfter", "maxDays"]);
    if (given === undefined) return refused;
    const [from, until] = [
      instantFrom(given.notBefore, 0),
      instantFrom(given.notAfter, Number.MAX_SAFE_INTEGER),
    ];
    const { maxDays = Number.POSITIVE_INFINITY } = given;
    if (from === undefined || until === undefined) return refused;
    if (typeof maxDays !== "number" || !(maxDays >= 1)) return refused;
    const longest = agreement === undefined ? until : agreement.startsAt + maxDays * MS_PER_DAY;
    return done({ validity: { from, until: Math.min(until, longest) } });
  },
};

/** Ms since 1970 of an RFC 3339 time or date; undefined: it is none. */
function instantFrom(value: Json | undefined, otherwise: number): number | undefined {
  if (value === undefined) return otherwise;
  return typeof value === "string" ? instantOf(value) : undefined;
}
