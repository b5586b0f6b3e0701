import type { Json } from "../../kernel/json.ts";
import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { refused, settingsOf } from "../settings.ts";

/** Name in the file → name in the plan. */
const NAMES = { recordBytesMax: "bytesMax", depthMax: "depthMax", arrayLengthMax: "arrayLengthMax" } as const;

/** `{recordBytesMax?, depthMax?, arrayLengthMax?}`: the smaller of these and the contract's. */
export const limits: PolicyModule = {
  name: "limits",
  version: "1.0.0",
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(Object.keys(NAMES).map((name) => [name, { type: "integer", minimum: 1 }])),
  },
  describe: "Records that are larger, deeper or longer do not leave.",
  compile(settings) {
    const given = settingsOf(settings, Object.keys(NAMES));
    if (given === undefined || !Object.values(given).every(isLimit)) return refused;
    const smaller = Object.entries(NAMES).flatMap(([name, own]) => {
      const limit = given[name];
      return typeof limit === "number" ? [[own, limit] as const] : [];
    });
    return done({ limits: Object.fromEntries(smaller) });
  },
};

const isLimit = (value: Json): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
