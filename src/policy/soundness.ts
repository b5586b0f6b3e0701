import { actionFrom } from "../kernel/action-settings.ts";
import type { PlanCondition } from "../kernel/plan.ts";
import { DETECTORS, SCREEN_OUTCOMES, type Screen } from "../kernel/screen.ts";
import type { ModuleRules } from "./module.ts";
import { isPointer } from "./path.ts";

type Proof<Value> = (value: Value) => boolean;
type Rules = Required<ModuleRules>;

const OPERATIONS: readonly PlanCondition["op"][] = ["equals", "in", "prefix", "exists"];
const UNITS = ["year", "quarter", "month", "iso-week", "day", "hour", "minute"];

/** Member of what a module returns → can the engine do what it says? */
const PROOFS: { readonly [Name in keyof Rules]: Proof<Rules[Name]> } = {
  denials: (reasons) => isList(reasons) && reasons.every(({ code }) => typeof code === "string"),
  fields: (fields) =>
    isList(fields) &&
    fields.every(({ path, action }) => isPath(path) && actionFrom({ ...action }) !== undefined),
  key: (rule) => rule === "pseudonymize" || rule === "drop",
  withoutHeaders: areTexts,
  timestamp: (unit) => UNITS.includes(unit),
  conditions: (conditions) =>
    isList(conditions) &&
    conditions.every(
      ({ field, op, values }) => isPath(field) && OPERATIONS.includes(op) && Array.isArray(values),
    ),
  limits: areNumbers,
  validity: areNumbers,
  age: areNumbers,
  quota: areNumbers,
  screens: (screens) => isList(screens) && screens.every((each) => isPath(each.path) && isScreen(each)),
  envelopeScreens: (screens) => isList(screens) && screens.every(isScreen),
  tombstones: (rule) => rule === "deny",
  onwardSharing: (rule) => rule === "forbidden",
};

/** Modules and agreements can come from elsewhere, so their types prove nothing. What the engine does not know is not sound. */
export const areSound = (rules: ModuleRules): boolean =>
  Object.keys(rules).every((name) => isMember(name) && isProven(name, rules));

const isMember = (name: string): name is keyof ModuleRules => Object.hasOwn(PROOFS, name);

function isProven<Name extends keyof Rules>(name: Name, rules: Partial<Rules>): boolean {
  const value: Rules[Name] | undefined = rules[name];
  const proof: Proof<Rules[Name]> = PROOFS[name];
  return value === undefined || proof(value);
}

const isList = <Item>(value: readonly Item[]): boolean => Array.isArray(value);
const isPath = (path: string): boolean => typeof path === "string" && isPointer(path);

/** Undefined members are as if they were not there; an infinity is no bound that a plan could write. */
function areNumbers(bounds: object): boolean {
  return (
    typeof bounds === "object" &&
    Object.values(bounds).every((each) => each === undefined || Number.isFinite(each))
  );
}

function areTexts(texts: readonly string[]): boolean {
  return isList(texts) && texts.every((text) => typeof text === "string");
}

const isScreen = ({ detectors, words, except, outcome }: Omit<Screen, "by">): boolean =>
  isList(detectors) &&
  detectors.every((name) => DETECTORS.includes(name)) &&
  areTexts(words) &&
  areTexts(except) &&
  SCREEN_OUTCOMES.includes(outcome);
