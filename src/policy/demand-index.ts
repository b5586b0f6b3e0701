import type { Demand } from "./meet.ts";
import { segmentsOf } from "./path.ts";
import type { Ruling } from "./rulings.ts";

const EVERY = "*";

/** Demands by the segments of their paths. */
interface Branch {
  readonly demands: Demand[];
  readonly below: Map<string, Branch>;
}

/**
 * Everything that rulings demand of fields, by path, so that a large contract costs no more than its fields. A `*` on either
 * side means any segment: a demand for one element of an array, which a plan can't single out, concerns all of them, so that
 * it never does less than it says. `share` takes nothing away, and is left out.
 */
export class DemandIndex {
  readonly #root: Branch = branch();

  constructor(rulings: readonly Ruling[]) {
    for (const { by, rules } of rulings) {
      for (const { path, action } of rules.fields ?? []) {
        if (action.action !== "share") this.#branchAt(path).demands.push({ action, by });
      }
    }
  }

  /** What is demanded of the field itself. */
  on(path: string): Demand[] {
    return this.#meeting(path).flatMap(({ demands }) => demands);
  }

  /** What is demanded of anything inside the field. */
  inside(path: string): Demand[] {
    return this.#meeting(path).flatMap(({ below }) => [...below.values()].flatMap(all));
  }

  #branchAt(path: string): Branch {
    let at = this.#root;
    for (const segment of segmentsOf(path)) {
      const next = at.below.get(segment) ?? branch();
      at.below.set(segment, next);
      at = next;
    }
    return at;
  }

  #meeting(path: string): readonly Branch[] {
    let met = [this.#root];
    for (const segment of segmentsOf(path)) met = met.flatMap((each) => step(each, segment));
    return met;
  }
}

const branch = (): Branch => ({ demands: [], below: new Map() });

function step({ below }: Branch, segment: string): readonly Branch[] {
  if (segment === EVERY) return [...below.values()];
  return [below.get(segment), below.get(EVERY)].filter((each) => each !== undefined);
}

const all = ({ demands, below }: Branch): readonly Demand[] => [
  ...demands,
  ...[...below.values()].flatMap(all),
];
