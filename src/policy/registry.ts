import type { PolicyModule } from "./module.ts";
import { antitrust } from "./modules/antitrust.ts";
import { categories } from "./modules/categories.ts";
import { classificationCeiling } from "./modules/classification-ceiling.ts";
import { engineering } from "./modules/engineering.ts";
import { exportControl } from "./modules/export-control.ts";
import { freeText } from "./modules/free-text.ts";
import { headersAndKey } from "./modules/headers-and-key.ts";
import { limits } from "./modules/limits.ts";
import { onwardSharing } from "./modules/onward-sharing.ts";
import { personalData } from "./modules/personal-data.ts";
import { prices } from "./modules/prices.ts";
import { purpose } from "./modules/purpose.ts";
import { quotas } from "./modules/quotas.ts";
import { scope } from "./modules/scope.ts";
import { thirdParty } from "./modules/third-party.ts";
import { tombstones } from "./modules/tombstones.ts";
import { validity } from "./modules/validity.ts";

const ALL: readonly PolicyModule[] = [
  // Who, what for and when.
  purpose,
  scope,
  validity,
  exportControl,
  antitrust,
  onwardSharing,
  quotas,
  // Which fields, and in which form.
  classificationCeiling,
  categories,
  thirdParty,
  personalData,
  prices,
  engineering,
  freeText,
  // What stands around them.
  headersAndKey,
  tombstones,
  limits,
];

/** The modules that bundles may use, by name. */
export const MODULES: ReadonlyMap<string, PolicyModule> = new Map(ALL.map((module) => [module.name, module]));

/** Module → JSON Schema of its settings, for whoever reads bundles. */
export const MODULE_SETTINGS: ReadonlyMap<string, object> = new Map(
  [...MODULES].map(([name, { settingsSchema }]) => [name, settingsSchema]),
);
