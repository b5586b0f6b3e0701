import type { PolicyModule } from "./module.ts";
import { categories } from "./modules/categories.ts";
import { classificationCeiling } from "./modules/classification-ceiling.ts";
import { limits } from "./modules/limits.ts";
import { purpose } from "./modules/purpose.ts";
import { scope } from "./modules/scope.ts";
import { validity } from "./modules/validity.ts";

/** The modules that bundles may use, by name. */
export const MODULES: ReadonlyMap<string, PolicyModule> = new Map(
  [classificationCeiling, categories, purpose, scope, validity, limits].map((module) => [
    module.name,
    module,
  ]),
);

/** Module → JSON Schema of its settings, for whoever reads bundles. */
export const MODULE_SETTINGS: ReadonlyMap<string, object> = new Map(
  [...MODULES].map(([name, { settingsSchema }]) => [name, settingsSchema]),
);
