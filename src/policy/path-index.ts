import { segmentsOf } from "./path.ts";

const EVERY = "*";

/** Items by the segments of their paths. */
interface Branch<Item> {
  readonly items: Item[];
  readonly below: Map<string, Branch<Item>>;
}

/**
 * What rules say of fields, by path, so that a large contract costs no more than its fields. A `*` on either side means any
 * segment: a rule for one element of an array, which a plan can't single out, concerns all of them, so that it never does
 * less than it says.
 */
export class PathIndex<Item> {
  readonly #root: Branch<Item> = { items: [], below: new Map() };

  add(path: string, item: Item): void {
    let at = this.#root;
    for (const segment of segmentsOf(path)) {
      const next = at.below.get(segment) ?? { items: [], below: new Map() };
      at.below.set(segment, next);
      at = next;
    }
    at.items.push(item);
  }

  /** What is said of the field itself. */
  on(path: string): Item[] {
    return this.#meeting(path).flatMap(({ items }) => items);
  }

  /** What is said of anything inside the field. */
  inside(path: string): Item[] {
    return this.#meeting(path).flatMap(({ below }) => [...below.values()].flatMap(all));
  }

  #meeting(path: string): readonly Branch<Item>[] {
    let met = [this.#root];
    for (const segment of segmentsOf(path)) met = met.flatMap((each) => step(each, segment));
    return met;
  }
}

function step<Item>({ below }: Branch<Item>, segment: string): readonly Branch<Item>[] {
  if (segment === EVERY) return [...below.values()];
  return [below.get(segment), below.get(EVERY)].filter((each) => each !== undefined);
}

const all = <Item>({ items, below }: Branch<Item>): readonly Item[] => [
  ...items,
  ...[...below.values()].flatMap(all),
];
