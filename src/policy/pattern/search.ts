import { isWordChar } from "./char-test.ts";
import type { Instruction } from "./program.ts";
import type { Place } from "./syntax.ts";

/** What stands before and behind the first character and the last. */
const NOTHING = -1;

/** Where a text is looked at: between two code points. */
interface Between {
  readonly before: number;
  readonly after: number;
}

const HOLDS: Readonly<Record<Place, (between: Between) => boolean>> = {
  start: ({ before }) => before === NOTHING,
  end: ({ after }) => after === NOTHING,
  "word-edge": isWordEdge,
  "no-word-edge": (between) => !isWordEdge(between),
};

function isWordEdge({ before, after }: Between): boolean {
  return (before !== NOTHING && isWordChar(before)) !== (after !== NOTHING && isWordChar(after));
}

/**
 * Runs a program over a text, all its ways at once (Pike): at every character each instruction is looked at once at most, so the
 * steps are at most the characters times the instructions. A `count` keeps the places where it was entered, oldest first: one
 * more at every character at most, and each leaves once.
 */
export class Search {
  readonly #program: readonly Instruction[];
  readonly #startsOnly: boolean;
  /** Instruction → the position where it was last reached, and where it last was among the takers. */
  readonly #reached: Int32Array;
  readonly #alive: Int32Array;
  readonly #entries: (Entries | undefined)[];
  /** Instructions that take a character at this place; those that what was taken leads to. */
  #takers: number[] = [];
  #next: number[] = [];
  /** Code points before this place, plus one: 0 is never. */
  #position = 1;
  #between: Between = { before: NOTHING, after: NOTHING };
  #found = false;
  /** Characters and instructions looked at so far. */
  steps = 0;

  /** @param startsOnly can it match from the start of the text only? */
  constructor(program: readonly Instruction[], startsOnly: boolean) {
    this.#program = program;
    this.#startsOnly = startsOnly;
    this.#reached = new Int32Array(program.length);
    this.#alive = new Int32Array(program.length);
    this.#entries = program.map(({ op }) => (op === "count" ? new Entries() : undefined));
  }

  /** Does the program match anywhere in the text? To be asked once. */
  find(text: string): boolean {
    let before = NOTHING;
    for (let at = 0; ; ) {
      const after = text.codePointAt(at) ?? NOTHING;
      this.steps++;
      this.#between = { before, after };
      if (at === 0 || !this.#startsOnly) this.#reach(0);
      for (const next of this.#next) this.#reach(next);
      if (this.#found || after === NOTHING) return this.#found;
      if (this.#startsOnly && this.#takers.length === 0) return false;
      this.#take(after);
      before = after;
      at += after > 0xffff ? 2 : 1;
    }
  }

  /** Follows what takes no character. */
  #reach(first: number): void {
    const open = [first];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (this.#reached[at] === this.#position) continue;
      this.#reached[at] = this.#position;
      this.steps++;
      const instruction = this.#program[at];
      if (instruction === undefined) continue;
      if (instruction.op === "match") this.#found = true;
      else if (instruction.op === "fork") open.push(...instruction.to);
      else if (instruction.op === "at") {
        if (HOLDS[instruction.place](this.#between)) open.push(at + 1);
      } else {
        this.#keep(at);
        this.#entries[at]?.enter(this.#position);
        if (instruction.op === "count" && instruction.min === 0) open.push(at + 1);
      }
    }
  }

  #keep(at: number): void {
    if (this.#alive[at] === this.#position) return;
    this.#alive[at] = this.#position;
    this.#takers.push(at);
  }

  #take(code: number): void {
    const takers = this.#takers;
    this.#takers = [];
    this.#next = [];
    this.#position++;
    for (const at of takers) {
      this.steps++;
      const instruction = this.#program[at];
      if (instruction?.op === "take" && instruction.has(code)) this.#next.push(at + 1);
      if (instruction?.op === "count") this.#count(at, instruction, code);
    }
  }

  #count(at: number, { has, min, max }: Extract<Instruction, { readonly op: "count" }>, code: number): void {
    const entries = this.#entries[at];
    if (!has(code)) entries?.clear();
    // Entered at position p, it has taken (position − p) characters by now.
    entries?.leaveBefore(this.#position - max);
    const oldest = entries?.oldest;
    if (oldest === undefined) return;
    if (this.#position - oldest >= min) this.#next.push(at + 1);
    this.#keep(at);
  }
}

/** Ascending numbers: in at the end, out at the front. */
class Entries {
  #numbers: number[] = [];
  #first = 0;

  get oldest(): number | undefined {
    return this.#numbers[this.#first];
  }

  enter(number: number): void {
    this.#numbers.push(number);
  }

  leaveBefore(number: number): void {
    while (this.#first < this.#numbers.length && (this.#numbers[this.#first] ?? number) < number)
      this.#first++;
    if (this.#first === this.#numbers.length) this.clear();
  }

  clear(): void {
    this.#numbers = [];
    this.#first = 0;
  }
}
