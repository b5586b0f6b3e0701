import { compileShape } from "../document/shape.ts";
import { FIELD_ACTION_SCHEMA } from "../kernel/action-settings.ts";
import type { Json } from "../kernel/json.ts";
import { LIMITS } from "../kernel/limits.ts";
import { REASONS } from "../kernel/reason.ts";
import { DETECTORS, SCREEN_OUTCOMES } from "../kernel/screen.ts";
import { readPlainJson } from "../kernel/strict-json.ts";
import type { ModuleRules } from "../policy/module.ts";

const text = { type: "string", maxLength: 1000 };
const count = { type: "integer", minimum: 0 };
const span = { type: "number", minimum: 0 };
const rate = { type: "number", exclusiveMinimum: 0 };
const list = (items: object) => ({ type: "array", maxItems: LIMITS.ownModules.rulesMax, items });
const closed = (properties: Readonly<Record<string, object>>, required: readonly string[] = []) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});

const screen = {
  detectors: list({ enum: DETECTORS }),
  words: list(text),
  except: list(text),
  outcome: { enum: SCREEN_OUTCOMES },
};
const SCREEN_MEMBERS = Object.keys(screen);

/** Member of the rules → its form. */
const RULES: { readonly [Name in keyof ModuleRules]-?: object } = {
  denials: list(closed({ code: { enum: Object.keys(REASONS) }, pointer: text }, ["code"])),
  fields: list(closed({ path: text, action: FIELD_ACTION_SCHEMA }, ["path", "action"])),
  key: { enum: ["pseudonymize", "drop"] },
  withoutHeaders: list(text),
  timestamp: { enum: ["year", "quarter", "month", "iso-week", "day", "hour", "minute"] },
  conditions: list(
    closed({ field: text, op: { enum: ["equals", "in", "prefix", "exists"] }, values: list({}) }, [
      "field",
      "op",
      "values",
    ]),
  ),
  limits: closed({ bytesMax: count, depthMax: count, arrayLengthMax: count }),
  validity: closed({ from: { type: "number" }, until: { type: "number" } }),
  age: closed({ leastMs: span, mostMs: span }),
  quota: closed({ recordsPerSecond: rate, bytesPerSecond: rate, alarmRecordsPerHour: rate }),
  screens: list(closed({ path: text, ...screen }, ["path", ...SCREEN_MEMBERS])),
  envelopeScreens: list(closed(screen, SCREEN_MEMBERS)),
  tombstones: { const: "deny" },
  onwardSharing: { const: "forbidden" },
};

const shape = compileShape(closed(RULES), "rules");

const areRules = (json: Json): json is Json & ModuleRules => shape.validate(json);

/**
 * What a module answered, as rules. Undefined: it is no JSON by the letter of RFC 8259, too long, of another form, or has a member
 * that nobody knows: one that was meant to narrow would be lost.
 */
export function rulesFrom(answer: string): ModuleRules | undefined {
  if (Buffer.byteLength(answer) > LIMITS.ownModules.answerBytesMax) return undefined;
  const read = readPlainJson(answer);
  return read.ok && areRules(read.value) ? read.value : undefined;
}
