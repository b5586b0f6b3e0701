import type { Buffer } from "node:buffer";
import type { AppliedField } from "../redact.ts";
import * as L from "./layout.ts";
import type { PlanTables } from "./tables.ts";

/** What was done to all values that the kernel permitted since the sums began. */
export interface Sums {
  readonly fields: readonly AppliedField[];
  /** In how many of the permitted values each rule changed something. */
  readonly rules: readonly (readonly [rule: string, records: number])[];
}

/** Reads the sums in the kernel's memory. */
export function sumsOf({ counters }: PlanTables, memory: Buffer): Sums {
  const totals: (readonly [counter: number, count: number])[] = [];
  for (let counter = 1; counter <= counters.last; counter++) {
    const total = memory.readInt32LE(L.TOTALS + 4 * counter);
    if (total > 0) totals.push([counter, total]);
  }
  const rules = counters.rules
    .map((rule, index) => [rule, memory.readInt32LE(L.RULES + 4 * (index + 1))] as const)
    .filter(([, records]) => records > 0);
  return { fields: counters.fields(totals), rules };
}
