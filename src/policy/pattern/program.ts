import type { CharTest } from "./char-test.ts";
import type { PatternNode, Place } from "./syntax.ts";

/** One step of a program; without more said, the next one follows. */
export type Instruction =
  /** Takes one character of the set. */
  | { readonly op: "take"; readonly has: CharTest }
  /** Takes from `min` to `max` characters of the set, whatever the numbers: bounds of one set cost no copies. */
  | { readonly op: "count"; readonly has: CharTest; readonly min: number; readonly max: number }
  /** Takes nothing, and goes on only there. */
  | { readonly op: "at"; readonly place: Place }
  /** Goes on at each of these. */
  | { readonly op: "fork"; readonly to: readonly number[] }
  | { readonly op: "match" };

/**
 * How many instructions a pattern becomes, without making them: bounds multiply (`((a{9}b){9}c){9}`), so this is asked first.
 * May be infinite.
 */
export function sizeOf(node: PatternNode): number {
  if (node.kind === "set" || node.kind === "place") return 1;
  if (node.kind === "sequence") return sum(node.parts.map(sizeOf));
  if (node.kind === "choice") return 2 * node.branches.length - 1 + sum(node.branches.map(sizeOf));
  const { of, min, max } = node;
  if (isCounted(node)) return max === Number.POSITIVE_INFINITY ? 4 : 1;
  if (max === 0) return 0;
  // A copy of nothing is work too.
  const size = Math.max(sizeOf(of), 1);
  return max === Number.POSITIVE_INFINITY ? min * size + size + 2 : min * size + (max - min) * (size + 1);
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

type Repeat = Extract<PatternNode, { readonly kind: "repeat" }>;

/** Is it a set with a bound that would cost copies? */
const isCounted = ({ of, min, max }: Repeat): boolean =>
  of.kind === "set" && (min > 1 || (max > 1 && max !== Number.POSITIVE_INFINITY));

/** Thompson's construction. The caller has asked for the size. */
export function programOf(node: PatternNode): readonly Instruction[] {
  const program: Instruction[] = [];
  emit(node, program);
  program.push({ op: "match" });
  return program;
}

function emit(node: PatternNode, program: Instruction[]): void {
  if (node.kind === "set") program.push({ op: "take", has: node.has });
  else if (node.kind === "place") program.push({ op: "at", place: node.place });
  else if (node.kind === "sequence") for (const part of node.parts) emit(part, program);
  else if (node.kind === "choice") emitChoice(node.branches, program);
  else emitRepeat(node, program);
}

function emitChoice(branches: readonly PatternNode[], program: Instruction[]): void {
  const heads: number[] = [];
  const ends: number[] = [];
  const fork = hold(program);
  for (const branch of branches) {
    heads.push(program.length);
    emit(branch, program);
    ends.push(hold(program));
  }
  program[fork] = { op: "fork", to: heads };
  for (const end of ends) program[end] = { op: "fork", to: [program.length] };
}

function emitRepeat(node: Repeat, program: Instruction[]): void {
  const { of, min, max } = node;
  if (isCounted(node) && of.kind === "set") {
    const once = max === Number.POSITIVE_INFINITY ? min : max;
    program.push({ op: "count", has: of.has, min, max: once });
  } else {
    for (let copy = 0; copy < min; copy++) emit(of, program);
  }
  if (max === Number.POSITIVE_INFINITY) emitLoop(of, program);
  else if (!isCounted(node)) emitOptions(of, max - min, program);
}

function emitLoop(of: PatternNode, program: Instruction[]): void {
  const fork = hold(program);
  emit(of, program);
  program.push({ op: "fork", to: [fork] });
  program[fork] = { op: "fork", to: [fork + 1, program.length] };
}

function emitOptions(of: PatternNode, copies: number, program: Instruction[]): void {
  const forks: number[] = [];
  for (let copy = 0; copy < copies; copy++) {
    forks.push(hold(program));
    emit(of, program);
  }
  for (const fork of forks) program[fork] = { op: "fork", to: [fork + 1, program.length] };
}

/** A place for an instruction that is known later. */
function hold(program: Instruction[]): number {
  return program.push({ op: "fork", to: [] }) - 1;
}
