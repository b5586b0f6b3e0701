import type { AdmissionSummary } from "../kernel/decision.ts";
import { LIMITS } from "../kernel/limits.ts";
import type { SourceBatch } from "../kernel/ports.ts";
import type { Reason } from "../kernel/reason.ts";
import type { KafkaRecord, OutboundRecord } from "../kernel/record.ts";
import type { AppliedField } from "../policy/evaluate.ts";
import { sizeOfRecord } from "./cloudevents/kafka-binding.ts";

/** What was decided on many records at once. */
export interface DecidedTogether {
  readonly permitted: number;
  /** Of denied records, too. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly fields: readonly AppliedField[];
  /** Rules that changed something, and in how many of the records. */
  readonly rules: readonly (readonly [rule: string, records: number])[];
}

/** Counts what was decided on the records of one run. Holds pointers, rules and offsets, and never a value. */
export class SummaryTally {
  readonly #fields = new Map<string, Map<string, number>>();
  readonly #rules = new Map<string, number>();
  readonly #denials: { offset: string; reasons: readonly Reason[] }[] = [];
  #permitted = 0;
  #denied = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #erasures = 0;

  permit(input: KafkaRecord, output: OutboundRecord, fields: readonly AppliedField[]): void {
    this.#permitted++;
    this.#bytesIn += sizeOfRecord(input);
    this.#bytesOut += sizeOfRecord(output);
    if (output.value === null) this.#erasures++;
    this.#countFields(fields);
    // What is shared as it came was not changed by anybody.
    this.#countRules(fields.filter(({ action }) => action !== "share").map(({ by }) => by));
  }

  deny(input: KafkaRecord, reasons: readonly Reason[]): void {
    this.#bytesIn += sizeOfRecord(input);
    this.denyAs(input.offset, reasons);
  }

  /** A denial of which the bytes are counted elsewhere. */
  denyAs(offset: bigint, reasons: readonly Reason[]): void {
    this.#denied++;
    if (this.#denials.length < LIMITS.denialsListedMax)
      this.#denials.push({ offset: String(offset), reasons });
    this.#countRules(reasons.flatMap(({ module }) => module ?? []));
  }

  /** Counts records that were decided together; none of those that leave erases. */
  add({ permitted, bytesIn, bytesOut, fields, rules }: DecidedTogether): void {
    this.#permitted += permitted;
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    this.#countFields(fields);
    for (const [rule, records] of rules) this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + records);
  }

  #countFields(fields: readonly AppliedField[]): void {
    for (const { pointer, action, count } of fields) {
      const actions = this.#fields.get(pointer) ?? new Map<string, number>();
      this.#fields.set(pointer, actions.set(action, (actions.get(action) ?? 0) + count));
    }
  }

  /** A rule counts once for a record, however many fields it changed. */
  #countRules(rules: readonly string[]): void {
    for (const rule of new Set(rules)) this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + 1);
  }

  /** Offsets span the whole run, also where it held aborted or compacted records. */
  summary({ from, next }: Pick<SourceBatch, "from" | "next">): AdmissionSummary {
    const fields = [...this.#fields].map(
      ([pointer, actions]) => [pointer, Object.fromEntries(actions)] as const,
    );
    return {
      firstOffset: String(from.offset),
      lastOffset: String(next.offset - 1n),
      read: this.#permitted + this.#denied,
      permitted: this.#permitted,
      denied: this.#denied,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      erasures: this.#erasures,
      fields: Object.fromEntries(fields),
      rules: Object.fromEntries(this.#rules),
      denials: this.#denials,
    };
  }
}
