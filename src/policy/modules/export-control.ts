import { done } from "../../kernel/result.ts";
import type { PlanFacts, PolicyModule } from "../module.ts";
import {
  byName,
  country,
  listOf,
  members,
  name,
  oneOf,
  refused,
  settingsOf,
  type ValueOf,
} from "../settings.ts";

const COUNTRIES = listOf(country);

const SETTINGS = members(
  {
    allow: COUNTRIES,
    deny: COUNTRIES,
    classes: byName(name, members({ countries: COUNTRIES }, ["countries"])),
    unclassified: oneOf(["allow", "deny"]),
  },
  ["unclassified"],
);

/**
 * `{allow?, deny?, classes?, unclassified}`. `classes`: export class → the countries it may go to; a class that is not listed
 * goes nowhere. A partner whose country nobody wrote down gets nothing.
 */
export const exportControl: PolicyModule = {
  name: "export-control",
  version: "1.0.0",
  settingsSchema: SETTINGS.schema,
  describe: "Streams leave for the countries that are allowed for their export class, and for no other.",
  compile(settings, facts) {
    const given = settingsOf(settings, SETTINGS);
    if (given === undefined) return refused;
    return done(isAllowed(given, facts) ? {} : { denials: [{ code: "EXPORT_DENIED" }] });
  },
};

function isAllowed(
  { allow, deny = [], classes = {}, unclassified }: ValueOf<typeof SETTINGS>,
  { contract: { exportClass }, partner: { country: to } }: PlanFacts,
): boolean {
  if (to === undefined || !country.is(to) || deny.includes(to)) return false;
  if (allow !== undefined && !allow.includes(to)) return false;
  if (exportClass === undefined) return unclassified === "allow";
  return Object.hasOwn(classes, exportClass) && (classes[exportClass]?.countries.includes(to) ?? false);
}
