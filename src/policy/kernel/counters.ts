import type { ActionName } from "../../kernel/action.ts";
import type { AppliedField } from "../redact.ts";
import { COUNTERS_MAX } from "./layout.ts";

type Row = Omit<AppliedField, "count">;

interface Counter {
  readonly row: Row;
  /** By which the reference implementation orders what it lists. */
  readonly name: string;
  readonly rule: number;
}

/**
 * What a record is counted under: one number for each pointer, action and rule, from 1; 0 stands for what is not counted. Numbers are
 * given while a plan is laid out; screens, whose findings nobody knows beforehand, ask for more.
 */
export class Counters {
  readonly #numbers = new Map<string, number>();
  readonly #counters: Counter[] = [];
  readonly #rules = new Map<string, number>();

  /** What is shared as it came is not counted. Undefined: there is no number left. */
  of(pointer: string, action: ActionName, by: string): number | undefined {
    if (action === "share") return 0;
    const name = `${pointer}\n${action}\n${by}`;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#counters.length + 1 >= COUNTERS_MAX) return undefined;
    const rule = this.#rules.get(by) ?? this.#rules.size + 1;
    this.#rules.set(by, rule);
    this.#counters.push({ row: { pointer, action, by }, name, rule });
    this.#numbers.set(name, this.#counters.length);
    return this.#counters.length;
  }

  /** The number of the last counter. */
  get last(): number {
    return this.#counters.length;
  }

  row(number: number): Row | undefined {
    return this.#counters[number - 1]?.row;
  }

  /** Rules in the order of their numbers, from 1. */
  get rules(): readonly string[] {
    return [...this.#rules.keys()];
  }

  /** The number of the rule that a counter counts for. */
  ruleOf(number: number): number {
    return this.#counters[number - 1]?.rule ?? 0;
  }

  /** In the order of the reference implementation. */
  fields(counts: readonly (readonly [counter: number, count: number])[]): readonly AppliedField[] {
    return counts
      .flatMap(([number, count]) => {
        const counter = this.#counters[number - 1];
        return counter === undefined ? [] : [{ counter, count }];
      })
      .sort((one, other) => (one.counter.name < other.counter.name ? -1 : 1))
      .map(({ counter, count }) => ({ ...counter.row, count }));
  }
}
