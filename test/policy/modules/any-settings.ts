import fc from "fast-check";
import type { Json } from "../../../src/kernel/json.ts";
import { SETTINGS } from "./settings-samples.ts";

type Path = readonly (string | number)[];
type Edit = readonly [how: "replace" | "add" | "remove", place: number, value: Json];

const GOOD = Object.entries(SETTINGS).flatMap(([use, { good }]) => good.map((each) => [use, each] as const));

/** What stands anywhere in the samples, and what fits nowhere. */
const VALUES: readonly Json[] = [
  ...Object.values(SETTINGS).flatMap(({ good, bad }) => [...good, ...bad].flatMap(partsOf)),
  ...[null, true, 0, -1, 1.5, 1e20, "", " ", "\\u0000", "constructor", [], {}, [[]], { "": {} }],
];

const anyEdit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom("replace" as const, "add" as const, "remove" as const),
  fc.nat(20),
  fc.constantFrom(...VALUES),
);

/** Good settings of any module, with up to two places in them changed. */
export const anySettings: fc.Arbitrary<readonly [use: string, settings: Json]> = fc
  .tuple(fc.constantFrom(...GOOD), fc.array(anyEdit, { maxLength: 2 }))
  .map(([[use, settings], edits]) => [use, edits.reduce(edited, settings)] as const);

/** Good settings of any module as they are. */
export const goodSettings = fc.constantFrom(...GOOD);

/** The value with one place in it replaced or taken away, or with a member or an element more. */
function edited(settings: Json, [how, place, value]: Edit): Json {
  const paths = pathsIn(settings);
  const path = paths[place % paths.length] ?? [];
  if (how === "add") return replaced(settings, path, (at) => added(at, value));
  return path.length === 0
    ? settings
    : replaced(settings, path, () => (how === "replace" ? value : undefined));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isMembers(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !isList(value);
}

function membersOf(value: Json): readonly (readonly [name: string | number, member: Json])[] {
  if (isList(value)) return [...value.entries()];
  return isMembers(value) ? Object.entries(value) : [];
}

function added(value: Json, extra: Json): Json {
  if (isList(value)) return [...value, extra];
  return isMembers(value) ? { ...value, [typeof extra === "string" ? extra : "extra"]: extra } : value;
}

function pathsIn(value: Json): readonly Path[] {
  const inside = membersOf(value).flatMap(([name, member]) => pathsIn(member).map((path) => [name, ...path]));
  return [[], ...inside];
}

function partsOf(value: Json): readonly Json[] {
  return [value, ...membersOf(value).flatMap(([, member]) => partsOf(member))];
}

function replaced(value: Json, [name, ...rest]: Path, edit: (at: Json) => Json | undefined): Json {
  if (name === undefined) return edit(value) ?? {};
  const step = (key: string | number, member: Json): readonly Json[] => {
    if (key !== name) return [member];
    const next = rest.length === 0 ? edit(member) : replaced(member, rest, edit);
    return next === undefined ? [] : [next];
  };
  if (isList(value)) return value.flatMap((member, index) => step(index, member));
  if (!isMembers(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => step(key, member).map((each) => [key, each])),
  );
}
