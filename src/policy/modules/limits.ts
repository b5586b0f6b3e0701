import { LIMITS } from "../../kernel/limits.ts";
import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { integer, members, refused, settingsOf } from "../settings.ts";

const { bytesMax, depthMax, arrayLengthMax } = LIMITS.recordCeiling;
const SETTINGS = members({
  recordBytesMax: integer(1, bytesMax),
  depthMax: integer(1, depthMax),
  arrayLengthMax: integer(1, arrayLengthMax),
});

/** `{recordBytesMax?, depthMax?, arrayLengthMax?}`: the smaller of these and the contract's. */
export const limits: PolicyModule = {
  name: "limits",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Records that are larger, deeper or longer do not leave.",
  compile(settings) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { recordBytesMax, ...rest } = given;
    return done({
      limits: { ...rest, ...(recordBytesMax === undefined ? {} : { bytesMax: recordBytesMax }) },
    });
  },
};
