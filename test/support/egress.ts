import { isDeepStrictEqual } from "node:util";
import type { ActionName } from "../../src/kernel/action.ts";
import type { ContractField } from "../../src/kernel/contract.ts";
import type { Json, JsonMembers } from "../../src/kernel/json.ts";
import type { PlanNode } from "../../src/kernel/plan.ts";
import { toNode } from "../../src/kernel/strict-json.ts";
import { keepsCheck } from "../../src/policy/check.ts";

const isMembers = (value: Json): value is JsonMembers =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** In whatever no rule names; nothing that leaves may hold it. */
export const HIDDEN = "CANARY-hidden";

/** The record with a mark of its own in each text where the schema has room for one, and a member that no rule names in each object. */
export function marked(value: Json, field: ContractField | undefined, path = ""): Json {
  if (Array.isArray(value))
    return value.map((each, index) => marked(each, field?.elements, `${path}/${index}`));
  if (isMembers(value)) {
    const members = Object.entries(value).map(([name, each]) => [
      name,
      marked(each, field?.members.get(name) ?? field?.members.get("*"), `${path}/${name}`),
    ]);
    const isRuled = field !== undefined && field.members.size > 0 && !field.members.has("*");
    return { ...Object.fromEntries(members), ...(isRuled && { [HIDDEN]: HIDDEN }) };
  }
  const mark = `CANARY ${path}#`;
  const fits = field !== undefined && keepsCheck(toNode(mark), field.check);
  return typeof value === "string" && (fits || field === undefined) ? mark : value;
}

/** Action → may this have come of that? Only what can be told without doing it again. */
const MAY_BECOME: Readonly<Record<ActionName, (raw: Json, left: Json) => boolean>> = {
  share: isDeepStrictEqual,
  round: (_raw, left) => typeof left === "number" && left % 10 === 0,
  band: (raw, left) => left === null || (typeof left === "number" && typeof raw === "number" && left <= raw),
  "truncate-date": (raw, left) =>
    String(raw).slice(0, 7) === String(left).slice(0, 7) && /-01(T00|$)/.test(String(left)),
  "coarsen-geo": (raw, left) => Math.abs(Number(raw) - Number(left)) <= 0.5,
  prefix: (raw, left) => left === null || (String(left).length === 4 && String(raw).startsWith(String(left))),
  mask: (_raw, left) => /^\**$/.test(String(left)),
  encrypt: (raw, left) => /^([\w-]+\.){4}[\w-]+$/.test(String(left)) && !String(left).includes(`"${raw}"`),
  pseudonymize: (_raw, left) => typeof left === "string" && /^[\w-]{22}$/.test(left),
  constant: (_raw, left) => left === "-",
  null: (_raw, left) => left === null,
  drop: () => false,
};

/** Where something left by no rule, or not as its rule has it: contract paths, none is right. */
export function leaks(raw: Json | undefined, left: Json, rule: PlanNode | undefined): readonly string[] {
  if (rule === undefined || raw === undefined) return [`${rule?.path ?? "?"}: by no rule`];
  if (rule.action !== undefined) {
    const { action, screens } = rule;
    // A finding makes another value of it.
    const names = [action.action, ...screens.flatMap(({ outcome }) => (outcome === "deny" ? [] : [outcome]))];
    return names.some((name) => MAY_BECOME[name](raw, left)) ? [] : [`${rule.path}: not by ${names}`];
  }
  if (Array.isArray(left)) {
    const items: readonly Json[] = Array.isArray(raw) ? raw : [];
    if (items.length !== left.length) return [`${rule.path}: another length`];
    // A dropped element stands as null.
    return left.flatMap((each, index) => (each === null ? [] : leaks(items[index], each, rule.elements)));
  }
  if (!isMembers(left) || !isMembers(raw)) return [`${rule.path}: not a container`];
  return Object.entries(left).flatMap(([name, each]) =>
    leaks(raw[name], each, rule.members[name] ?? rule.members["*"]),
  );
}

/** The field with other actions at its leaves. */
export function withActions(
  field: ContractField,
  choose: (leaf: ContractField) => ContractField["action"],
): ContractField {
  const isLeaf = field.members.size === 0 && field.elements === undefined;
  if (isLeaf) return { ...field, action: choose(field) };
  return {
    ...field,
    members: new Map([...field.members].map(([name, child]) => [name, withActions(child, choose)])),
    elements: field.elements === undefined ? undefined : withActions(field.elements, choose),
  };
}
