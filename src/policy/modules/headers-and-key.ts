import type { DateUnit } from "../../kernel/action.ts";
import type { Contract } from "../../kernel/contract.ts";
import { done } from "../../kernel/result.ts";
import type { PolicyModule } from "../module.ts";
import { listOf, members, name, oneOf, refused, settingsOf } from "../settings.ts";

const UNITS = [
  "year",
  "quarter",
  "month",
  "iso-week",
  "day",
  "hour",
  "minute",
] as const satisfies readonly DateUnit[];

const SETTINGS = members({
  without: listOf(name),
  key: oneOf(["pseudonymize", "drop"]),
  timestamp: oneOf(UNITS),
});

/** `{without?, key?, timestamp?}`. Names of headers in any case: the same header is written in many ways. */
export const headersAndKey: PolicyModule = {
  name: "headers-and-key",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "What stands around the data says no more than this: headers, the key, the timestamp.",
  compile(settings, { contract }) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    const { without = [], ...rest } = given;
    const unwanted = new Set(without.map((each) => each.toLowerCase()));
    const withoutHeaders = headersOf(contract).filter((each) => unwanted.has(each.toLowerCase()));
    return done({ ...rest, withoutHeaders });
  },
};

/** Headers that leave as such, and those that attributes are made of. */
const headersOf = ({ headers, event: { id, subject, time } }: Contract): readonly string[] => [
  ...headers,
  ...[id, subject, time].flatMap((origin) => (origin.from === "header" ? [origin.name] : [])),
];
