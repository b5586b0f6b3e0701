import { type PatternNode, PatternReader } from "./pattern-syntax.ts";

const LENGTH_MAX = 1024;
/** Positions of the automaton, and steps of the search for two ways. */
const POSITIONS_MAX = 2000;
const STEPS_MAX = 1_000_000;

/**
 * Why a pattern may not be run on values; undefined when it may. A backtracking matcher takes exponential time just where a loop
 * can read one text in two ways: such loops are refused, on the automaton of positions (Glushkov), and so is what is too large
 * to tell. What is left takes polynomial time at worst, so whoever runs it bounds the text too.
 */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > LENGTH_MAX) return `The pattern has more than ${LENGTH_MAX} characters.`;
  try {
    new RegExp(pattern, "u");
  } catch {
    return "The pattern is not one of ECMA-262 with the flag u.";
  }
  const reader = new PatternReader(pattern);
  const whole = reader.read();
  if (reader.refersBack) return "The pattern refers back to a group, so the time it takes can't be bounded.";
  const risky = [whole, ...reader.assertions].some((node) => new Automaton(node).isAmbiguous());
  return risky
    ? "A loop of the pattern can read one text in several ways, so it may take for ever."
    : undefined;
}

interface Part {
  readonly nullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const NOTHING: Part = { nullable: true, first: [], last: [] };

/** Beyond this many optional repetitions a bound makes no difference that matters. */
const OPTIONAL_MAX = 1;

class Automaton {
  readonly #sets: bigint[] = [];
  readonly #next: Set<number>[] = [];
  #ambiguous = false;

  constructor(node: PatternNode) {
    this.#build(node);
  }

  isAmbiguous(): boolean {
    if (this.#ambiguous || this.#sets.length > POSITIONS_MAX) return true;
    let steps = 0;
    for (let start = 0; start < this.#sets.length; start++) {
      if (!this.#reaches(start)) continue;
      const found = this.#secondWay(start, STEPS_MAX - steps);
      if (found === true) return true;
      steps += found;
      if (steps >= STEPS_MAX) return true;
    }
    return false;
  }

  /** Does the position lie on a loop? */
  #reaches(start: number): boolean {
    const open = [start];
    const seen = new Set<number>();
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of this.#next[at] ?? []) {
        if (next === start) return true;
        if (!seen.has(next)) open.push(next);
        seen.add(next);
      }
    }
    return false;
  }

  /** Walks two ways at once over the same text: do they part and both come back to where they began? Else the steps taken. */
  #secondWay(start: number, stepsMax: number): true | number {
    const size = this.#sets.length;
    const open: [number, number, boolean][] = [[start, start, false]];
    const seen = new Set<number>();
    let steps = 0;
    for (let state = open.pop(); state !== undefined && steps < stepsMax; state = open.pop()) {
      const [one, other, parted] = state;
      for (const [a, b] of this.#pairs(one, other)) {
        steps++;
        const apart = parted || a !== b;
        if (apart && a === start && b === start) return true;
        const key = (a * size + b) * 2 + (apart ? 1 : 0);
        if (!seen.has(key)) open.push([a, b, apart]);
        seen.add(key);
      }
    }
    return steps;
  }

  *#pairs(one: number, other: number): Generator<readonly [number, number]> {
    for (const a of this.#next[one] ?? []) {
      for (const b of this.#next[other] ?? []) {
        if (((this.#sets[a] ?? 0n) & (this.#sets[b] ?? 0n)) !== 0n) yield [a, b];
      }
    }
  }

  #build(node: PatternNode): Part {
    if (this.#sets.length > POSITIONS_MAX) return NOTHING;
    if (node.kind === "set") {
      const position = this.#sets.push(node.set) - 1;
      this.#next.push(new Set());
      return { nullable: false, first: [position], last: [position] };
    }
    if (node.kind === "sequence") {
      return node.parts.reduce<Part>((before, each) => this.#join(before, this.#build(each)), NOTHING);
    }
    if (node.kind === "repeat") return this.#repeat(node.of, node.min, node.max);
    const branches = node.branches.map((each) => this.#build(each));
    return {
      nullable: branches.some(({ nullable }) => nullable),
      first: branches.flatMap(({ first }) => first),
      last: branches.flatMap(({ last }) => last),
    };
  }

  #repeat(of: PatternNode, min: number, max: number): Part {
    const loops = max - min > OPTIONAL_MAX;
    const copies = loops ? Math.max(min, 1) : max;
    let part: Part = NOTHING;
    for (let index = 0; index < copies && this.#sets.length <= POSITIONS_MAX; index++) {
      const copy = this.#build(of);
      if (loops && index === copies - 1) this.#link(copy.last, copy.first, true);
      part = this.#join(part, index < min ? copy : { ...copy, nullable: true });
    }
    return part;
  }

  #join(before: Part, after: Part): Part {
    this.#link(before.last, after.first, false);
    return {
      nullable: before.nullable && after.nullable,
      first: before.nullable ? [...before.first, ...after.first] : before.first,
      last: after.nullable ? [...before.last, ...after.last] : after.last,
    };
  }

  /** A loop that leads where an inner loop already does is a second way by itself. */
  #link(from: readonly number[], to: readonly number[], isLoop: boolean): void {
    for (const position of from) {
      const next = this.#next[position];
      for (const each of to) {
        if (isLoop && next?.has(each) === true) this.#ambiguous = true;
        next?.add(each);
      }
    }
  }
}
