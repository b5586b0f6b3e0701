import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import type { PlanCondition } from "../../kernel/plan.ts";
import type { KernelExports } from "./exports.ts";
import { type Fault, faultOf } from "./faults.ts";
import * as L from "./layout.ts";
import { type Sums, sumsOf } from "./sums.ts";
import type { PlanTables } from "./tables.ts";

/** Outcomes of one value are handed out while there is room for a value of any size behind them. */
const ROOM = L.OUTPUT_BYTES / 2;

/** Many values under one plan, a part of them at a time. What it hands out is overwritten by the next part. */
export class KernelRun {
  readonly #tables: PlanTables;
  readonly #memory: Buffer;
  /** The spans as the kernel has them: two numbers a value. WebAssembly is little-endian, and so is every machine that runs Node. */
  readonly #spans: Int32Array;
  readonly #exports: KernelExports;
  readonly #count: number;
  #from = 0;
  #to = 0;

  /** `spans`: start in INPUT and length of each value. */
  constructor(tables: PlanTables, memory: Buffer, exports: KernelExports, spans: Int32Array) {
    this.#tables = tables;
    this.#memory = memory;
    this.#exports = exports;
    this.#count = spans.length / 2;
    this.#spans = new Int32Array(memory.buffer, L.SPANS, spans.length);
    this.#spans.set(spans);
    for (let at = 0; at < spans.length; at += 2) this.#spans[at] = (spans[at] ?? 0) + L.INPUT;
    exports.beginSums(tables.counters.last);
  }

  /** Projects a part of what is left, values numbered from `from` to before `to`; undefined: nothing is left. */
  next(): { readonly from: number; readonly to: number } | undefined {
    if (this.#to >= this.#count) return undefined;
    this.#from = this.#to;
    this.#to = this.#exports.projectSpans(this.#from, this.#count, ROOM);
    assert(this.#to > this.#from && this.#to <= this.#count, "The kernel does not go on.");
    return { from: this.#from, to: this.#to };
  }

  /** Bytes of a permitted value, or the negative of why there are none: see `conditions` and `fault`. */
  outcome(index: number): number {
    return this.#spans[2 * index + 1] ?? -L.FAULT_INPUT;
  }

  /** A view of what leaves of a permitted value of this part. */
  bytes(index: number): Buffer {
    const start = this.#spans[2 * index] ?? 0;
    const length = this.outcome(index);
    assert(
      start >= L.OUTPUT && length >= 0 && start + length <= L.OUTPUT + L.OUTPUT_BYTES,
      "Not of the kernel.",
    );
    return this.#memory.subarray(start, start + length);
  }

  /** The conditions that a value does not meet which would leave otherwise; undefined: it is not the kernel's. */
  unmet(index: number): readonly PlanCondition[] | undefined {
    const outcome = -this.outcome(index);
    if (outcome <= 0 || (outcome & 0xff) !== L.FAULT_UNMET) return undefined;
    const { native } = this.#tables.conditions;
    return native.filter(({ bit }) => ((outcome >> 8) & bit) === 0).map(({ condition }) => condition);
  }

  /** Why a value is not the kernel's. */
  fault(index: number): Fault {
    return faultOf(-this.outcome(index));
  }

  /** What was done to the permitted values so far. */
  sums(): Sums {
    return sumsOf(this.#tables, this.#memory);
  }
}
