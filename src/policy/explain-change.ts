import type { Category, ContractField } from "../kernel/contract.ts";
import { isMembers, type Json } from "../kernel/json.ts";
import type { PlanNode } from "../kernel/plan.ts";
import {
  demandOf,
  inPlace,
  type Place,
  placeText,
  type RulePlaces,
  type RuleSource,
} from "./explain-sources.ts";
import { inWords } from "./explain-words.ts";
import { nodeAt } from "./node-at.ts";
import { meets, segmentsOf } from "./path.ts";

/** Where a source says what it demands of a field; undefined: it can't be told. */
export const placeOf = (
  source: RuleSource,
  field: ContractField,
  places: RulePlaces,
  root: ContractField,
): Place | undefined => WHERE[source.kind](source, field, places, root);

/** How to take back what a source demands of a field, a full sentence. */
export const changeOf = (
  source: RuleSource,
  field: ContractField,
  where: Place | undefined,
  root: ContractField,
): string => CHANGES[source.kind](source, field, where, root);

type Kind = RuleSource["kind"];

/** Kind of source → where it says what it demands of a field. */
const WHERE: Readonly<
  Record<
    Kind,
    (source: RuleSource, field: ContractField, places: RulePlaces, root: ContractField) => Place | undefined
  >
> = {
  contract: (_, field, __, root) => ruledBy(field, root).declared,
  clearance: (_, __, places) => places.clearance,
  agreement: ({ alone }, { path }, places) => places.agreement(narrowedAt(alone.root, path)),
  module: ({ use }) => use?.declared,
};

/** Kind of source → how to take it back, a full sentence. */
const CHANGES: Readonly<
  Record<
    Kind,
    (source: RuleSource, field: ContractField, where: Place | undefined, root: ContractField) => string
  >
> = {
  contract: (_, field, where, root) => `Change mesh.action of ${ruledBy(field, root).path}${inPlace(where)}.`,
  clearance: (_, { path, classification, declared }, where) =>
    `Raise the partner's clearance to ${classification}${inPlace(where)}, or classify ${path} lower in ${placeText(declared)}.`,
  agreement: ({ alone }, { path }, where) =>
    `Take ${narrowedAt(alone.root, path)} out of mesh.narrow${inPlace(where)}; both companies sign the agreement anew.`,
  module: (source, field, where) => {
    const demand = inWords(demandOf(source, field.path) ?? { action: "share" });
    return `Change ${source.by}${inPlace(where)}: ${settingsFor(source.use?.with ?? null, field) ?? demand}.`;
  },
};

/** The field, or the container above it, whose action the contract applies here. */
function ruledBy(field: ContractField, root: ContractField): ContractField {
  let at: ContractField | undefined = root;
  for (const segment of segmentsOf(field.path)) {
    at = at?.members.get(segment) ?? at?.elements ?? at?.members.get("*");
    if (at?.action !== undefined && at.action.action !== "share") return at;
  }
  return field;
}

/** The highest node on the way to a field on which an action stands. */
function narrowedAt(root: PlanNode, path: string): string {
  const segments = path.split("/");
  for (let length = 1; length < segments.length; length += 1) {
    const above = segments.slice(0, length).join("/");
    const { action, path: found } = nodeAt(root, above);
    if (found === above && action !== undefined && action.action !== "share") return above;
  }
  return path;
}

/** The settings that concern the field: members named like its categories, and one level below. */
function settingsFor(settings: Json, { categories, path }: ContractField): string | undefined {
  if (!isMembers(settings)) return undefined;
  const named = [settings, ...Object.values(settings)].flatMap((each) =>
    isMembers(each) ? Object.entries(each).filter(([name]) => concerns(name, categories, path)) : [],
  );
  if (named.length === 0) return undefined;
  return named.map(([name, value]) => `${name} → ${settingText(value)}`).join(", ");
}

/** A setting is named like a category, or like a path. */
const concerns = (name: string, categories: readonly Category[], path: string): boolean =>
  categories.some((category) => category === name) || (name.startsWith("/") && meets(name, path));

const settingText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
