import type { CharTest } from "./char-test.ts";
import type { PatternNode } from "./syntax.ts";

/** More places are not worth a table of their own. */
const PLACES_MAX = 64;

/** A pattern that says character by character what a whole text is: what may stand in each place, and how much more may follow. */
export interface Outline {
  readonly places: readonly CharTest[];
  /** Up to so many more, all of one set. */
  readonly rest: { readonly has: CharTest; readonly most: number };
}

const NOTHING: Outline["rest"] = { has: () => false, most: 0 };

/** Undefined: the pattern says more than an outline can, for example where one text may be gone through in two ways. */
export function outlineOf(tree: PatternNode): Outline | undefined {
  const parts = flat(tree);
  const [first, last] = [parts[0], parts.at(-1)];
  const isWhole = parts.length > 1 && isPlace(first, "start") && isPlace(last, "end");
  if (!isWhole) return undefined;
  const places: CharTest[] = [];
  let rest = NOTHING;
  for (const part of parts.slice(1, -1)) {
    const row = rowOf(part);
    // Behind a number of characters that is not known, no place is known.
    if (row === undefined || rest.most > 0 || places.length + row.min > PLACES_MAX) return undefined;
    for (let count = 0; count < row.min; count += 1) places.push(row.has);
    rest = { has: row.has, most: row.max - row.min };
  }
  return { places, rest };
}

/** Sequences in sequences say what one sequence says. */
const flat = (node: PatternNode): readonly PatternNode[] =>
  node.kind === "sequence" ? node.parts.flatMap(flat) : [node];

const isPlace = (node: PatternNode | undefined, place: string): boolean =>
  node?.kind === "place" && node.place === place;

/** One set, so many times. */
function rowOf(
  node: PatternNode,
): { readonly has: CharTest; readonly min: number; readonly max: number } | undefined {
  if (node.kind === "set") return { has: node.has, min: 1, max: 1 };
  if (node.kind !== "repeat") return undefined;
  const [only, ...others] = flat(node.of);
  return only?.kind === "set" && others.length === 0
    ? { has: only.has, min: node.min, max: node.max }
    : undefined;
}
